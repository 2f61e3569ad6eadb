// Owns the list of what this package offers.

export type { ComponentSource } from './component/source.js';
export {
  Component,
  type ComponentFunction,
  type ComponentImport,
  type ComponentOptions,
  type Progress,
} from './component.js';
export type {
  CaseDescriptor,
  FieldDescriptor,
  FunctionDescriptor,
  InterfaceDescriptor,
  LabelDescriptor,
  ParameterDescriptor,
  TypeDescriptor,
  TypeRef,
  types,
  World,
  WorldDescriptor,
} from './descriptor.js';
export { type Check, type Diagnosis, doctor } from './doctor.js';
export { HyperlightError } from './errors/base.js';
export {
  AbortError,
  ClosedError,
  ComponentError,
  ContextOpenError,
  ContextRequiredError,
  HostFunctionError,
  HypervisorUnavailableError,
  InternalError,
  LimitError,
  type LimitName,
  LinkError,
  type MissingImport,
  ReentrancyError,
  SnapshotError,
  type SnapshotProblem,
  TimeoutError,
  type Trap,
  TrapError,
  type UnavailableReason,
  WitError,
} from './errors/classes.js';
export type { ErrorCode } from './errors/table.js';
export type { PoolSizes, TypedPoolOptions, UntypedPoolOptions } from './pool/options.js';
export type { PoolStats } from './pool/stats.js';
export { Pool, type PoolCloseOptions, type PoolView } from './pool.js';
export type {
  CallMessage,
  CallTimes,
  PoolMessage,
  ResetMessage,
  SandboxMessage,
} from './sandbox/channels.js';
export type { Context, ContextView } from './sandbox/context.js';
export type { CallOptions } from './sandbox/job.js';
export type { Limits } from './sandbox/limits.js';
export type {
  Origin,
  OutputOption,
  TypedOptions,
  UntypedImports,
  UntypedOptions,
} from './sandbox/options.js';
export type { CallTotals, ContextStats, LastCall, SandboxStats } from './sandbox/stats.js';
export { Sandbox, type SandboxView } from './sandbox.js';
export type { LoadOptions } from './snapshot/file.js';
export { Snapshot } from './snapshot.js';
export type { AbortSignalLike, UrlLike } from './structural.js';
export { GiB, KiB, MiB } from './units.js';
export type { Clocks } from './wasi/clocks.js';
export type { FetchRequest, FetchResponse } from './wasi/http/fetch-types.js';
export type { HttpHandler } from './wasi/http/outgoing-handler.js';
export type { PreopenOption, WasiOptions } from './wasi/options.js';
export type { StdinOption } from './wasi/standard-streams.js';
