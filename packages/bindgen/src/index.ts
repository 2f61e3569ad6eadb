// Owns the package's public names.
export type {
  CaseDescriptor,
  FieldDescriptor,
  FunctionDescriptor,
  InterfaceDescriptor,
  LabelDescriptor,
  TypeDescriptor,
  TypeRef,
  WorldDescriptor,
} from './descriptor.js';
export { BindgenError } from './errors.js';
export { type Generated, type GeneratedFile, type GenerateOptions, generate } from './generate.js';
export type { Features } from './parser.js';
export {
  type DescribedWorld,
  type DescribeOptions,
  describe,
  type FileUrl,
  type WrapOptions,
  wrap,
} from './source.js';
