// Owns how a function is printed: its parameters, its result as seen from each side, and what it throws.
import { Names } from './allocate.js';
import type { FunctionDescriptor } from './descriptor.js';
import { identifier, lowerCamel } from './names.js';
import { code, joined, type ModuleText, type Printable } from './printable.js';
import type { Types } from './types.js';

/** Who calls, and who implements. */
export interface Side {
  /** Whether the reader of the type calls the function; otherwise the reader writes it. */
  readonly isCaller: boolean;
  /** `type` is what it answers with; `isPromise` says whether that is a promise already, for none holds another. */
  result(type: Printable, fn: FunctionDescriptor, isPromise: boolean): Printable;
}

const promised = (type: Printable, isPromise: boolean): Printable =>
  isPromise ? type : code`Promise<${type}>`;

/** The host's view of what the component exports. */
export const calledByHost: Side = {
  isCaller: true,
  result: (type, _, isPromise) => promised(type, isPromise),
};

/** The host's view of what it grants: sync and async functions alike. */
export const writtenByHost: Side = {
  isCaller: false,
  result: (type, _, isPromise) => (isPromise ? type : code`${type} | ${promised(type, false)}`),
};

const asInWit = (type: Printable, fn: FunctionDescriptor, isPromise: boolean): Printable =>
  fn.async ? promised(type, isPromise) : type;

/** The plug-in's view of what the host grants. */
export const calledByGuest: Side = { isCaller: true, result: asInWit };

/** The plug-in's view of what it has to export. */
export const writtenByGuest: Side = { isCaller: false, result: asInWit };

/** Prints `open(params): result;` with its doc comment. A constructor's result stands without wrapping. */
export function printFunction(
  text: ModuleText,
  types: Types,
  side: Side,
  fn: FunctionDescriptor,
  open: Printable,
): void {
  text.docs(fn.docs, throwsDocs(text, types, side, fn));
  const params = parameters(types, side, fn);
  const result = fn.kind === 'constructor' ? constructed(types, fn) : answered(types, side, fn);
  printCall(text, open, params, code`: ${result};`);
}

/** On one line where it fits, else a parameter a line. */
export function printCall(text: ModuleText, open: Printable, params: Printable[], close: Printable): void {
  const line = code`${open}(${joined(params, ', ')})${close}`;
  if (params.length === 0 || text.render(line).length <= text.room) {
    text.line(line);
    return;
  }
  text.block(
    code`${open}(`,
    () => {
      for (const param of params) text.print`${param},`;
    },
    code`)${close}`,
  );
}

/** The first parameter of a method is the resource, which JavaScript calls `this`. */
export function parameters(types: Types, side: Side, fn: FunctionDescriptor): Printable[] {
  const shown = fn.kind === 'method' ? fn.params.slice(1) : fn.params;
  const names = new Names();
  // A caller may leave out what comes last and has a none; who implements gets it always.
  let required = shown.length;
  if (side.isCaller) required = shown.findLastIndex(({ type }) => !types.isOptional(type)) + 1;
  return shown.map(({ name, type }, index) => {
    const local = names.declare(identifier(lowerCamel(name)));
    return code`${local}${index < required ? '' : '?'}: ${types.use(type)}`;
  });
}

/** What a function returns when it does not throw. */
function answered(types: Types, side: Side, fn: FunctionDescriptor): Printable {
  const result = types.thrown(fn.result);
  const returned = result === undefined ? fn.result : result.ok;
  return side.result(types.useOrVoid(returned), fn, types.isPromise(returned));
}

function constructed(types: Types, fn: FunctionDescriptor): Printable {
  return fn.resource === undefined ? 'unknown' : types.use(fn.resource);
}

/** What a function throws, as a doc comment says it. */
export function throwsDocs(
  text: ModuleText,
  types: Types,
  side: Side,
  fn: FunctionDescriptor,
): string | undefined {
  const result = types.thrown(fn.result);
  if (result === undefined) return undefined;
  if (result.err === undefined) {
    return side.isCaller
      ? '@throws `WitError`, without a payload'
      : '@throws `WitError`, without a payload, to answer with an error';
  }
  const payload = `\`WitError\` with a payload \`${text.render(types.use(result.err))}\``;
  return side.isCaller ? `@throws ${payload}` : `@throws ${payload}, to answer with an error`;
}
