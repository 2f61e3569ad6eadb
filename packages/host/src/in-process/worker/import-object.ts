// Owns the object of imports that jco instantiates a component with: the host's functions and classes over isolated WASI.
import type { FunctionDescriptor, WorldDescriptor } from '../../descriptor.js';
import { lowerCamel, upperCamel } from '../../names.js';
import { memberOf, type Resource, type Resources } from '../../resources/resource.js';
import type { RunJob } from '../messages.js';
import type { Host } from './host.js';
import type { Handles } from './resources.js';
import type { ImportObject } from './wasi.js';

type Callable = (...args: unknown[]) => unknown;

export interface ImportParts {
  readonly job: RunJob;
  readonly host: Host;
  readonly resources: Resources;
  readonly handles: Handles;
  /** The function of that number, as jco calls it. */
  readonly imported: (index: number, descriptor: FunctionDescriptor) => Callable;
}

/** Lays what the host provides over what is `isolated`. */
export function importObject(parts: ImportParts, isolated: ImportObject): ImportObject {
  const { job, resources } = parts;
  const all = { ...isolated };
  for (const one of job.transpiled.descriptor.imports) {
    const members = membersOf(parts, one, resources.in('imports', one));
    if (one.name !== null) all[one.name] = { ...all[one.name], ...members };
    else for (const [name, run] of Object.entries(members)) all[name] = { default: run };
  }
  return all;
}

function membersOf(
  { job, host, handles, imported }: ImportParts,
  { name: owner, functions }: WorldDescriptor['imports'][number],
  resources: readonly Resource[],
): Record<string, unknown> {
  const indexOf = (name: string): number =>
    job.imports.findIndex(([interfaceName, candidate]) => interfaceName === owner && candidate === name);
  const members: Record<string, unknown> = {};
  const find = (name: string): Callable | undefined => {
    const index = indexOf(name);
    const one = functions.find((candidate) => candidate.name === name);
    return index < 0 || one === undefined ? undefined : imported(index, one);
  };
  for (const resource of resources) {
    const dropIndex = indexOf(resource.dropName);
    // One that the host does not have is isolated WASI's.
    if (dropIndex < 0) continue;
    const drop = (number: number): void => void host.call(dropIndex, u32(number));
    members[resource.className] = handles.hostClass(resource, {
      create: find(`[constructor]${resource.name}`),
      drop,
    });
  }
  for (const one of functions) {
    const run = find(one.name);
    if (run === undefined || one.kind === 'constructor') continue;
    // At world level jco looks for the name as it is in WIT.
    if (one.kind === 'function') members[owner === null ? one.name : lowerCamel(one.name)] = run;
    else place(members, one, run);
  }
  return members;
}

/** `[method]connection.send` of its class. */
function place(members: Record<string, unknown>, one: FunctionDescriptor, run: Callable): void {
  const resource = one.name.slice(one.name.indexOf(']') + 1, one.name.indexOf('.'));
  const className = upperCamel(resource);
  const classOf = members[className] as { readonly prototype: object } | undefined;
  if (classOf === undefined) return;
  const key = lowerCamel(memberOf(one));
  if (one.kind === 'static') Object.defineProperty(classOf, key, { value: run });
  else {
    Object.defineProperty(classOf.prototype, key, {
      value(this: unknown, ...args: unknown[]): unknown {
        return run(this, ...args);
      },
    });
  }
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
