// Owns how WIT names become JavaScript names, and which of those a program may not declare.

/** `stock-count` as `stockCount`, `HTTP-url` as `httpUrl`. */
export function lowerCamel(name: string): string {
  return name
    .toLowerCase()
    .split('-')
    .map((word, index) => (index === 0 ? word : capital(word)))
    .join('');
}

/** `stock-count` as `StockCount`. */
export function upperCamel(name: string): string {
  return name.toLowerCase().split('-').map(capital).join('');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** The parts of `acme:shop/live-stock@1.0.0`; an inline interface has an item alone. */
export interface FullName {
  readonly namespace: string;
  readonly package: string;
  readonly item: string;
  readonly version: string;
}

export function parseName(name: string): FullName {
  const [path = '', version = ''] = name.split('@');
  const slash = path.lastIndexOf('/');
  const [namespace = '', ...rest] = path.slice(0, Math.max(slash, 0)).split(':');
  return { namespace, package: rest.join('-'), item: path.slice(slash + 1), version };
}

/** The host's key of an exported function, or of a method: `then` would make a promise of what holds it. */
export function exportKey(functionName: string): string {
  const key = lowerCamel(functionName);
  return key === 'then' ? 'then_' : key;
}

/** The host's key of a component's static function: its class has `prototype`, and `create` is for the constructor. */
export function staticKey(functionName: string): string {
  const key = exportKey(functionName);
  return key === 'prototype' || key === 'create' ? `${key}_` : key;
}

/** `acme:shop/stock@1.0.0` as `acme:shop/stock`. */
export function withoutVersion(name: string): string {
  return name.split('@')[0] as string;
}

/** `acme:shop/live-stock@1.0.0` as `liveStock`. */
export function shortName(name: string): string {
  return lowerCamel(parseName(name).item);
}

/** `my plug-in` as `my-plug-in`: a name that WIT would take. */
export function kebab(text: string): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const name = words.join('-').toLowerCase();
  return /^[a-z]/.test(name) ? name : `world-${name}`;
}

/** `[method]bucket.get` as `get`; any other name as it is. */
export function memberName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Words that cannot name a variable, parameter or function in a strict module. */
const RESERVED = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export
  extends false finally for function if implements import in instanceof interface let new null package private
  protected public return static super switch this throw true try typeof undefined var void while with yield`.split(
    /\s+/,
  ),
);

/** `class` as `class_`. */
export function identifier(name: string): string {
  return RESERVED.has(name) ? `${name}_` : name;
}

/** Names that generated types refer to, or that every reader takes for the language's own. */
export const GLOBAL_TYPES: readonly string[] =
  `Array AsyncDisposable AsyncIterable BigInt64Array BigUint64Array
  Boolean Date Disposable Error Float32Array Float64Array Function Int16Array Int32Array Int8Array Iterable Map
  Number Object Promise PromiseLike Record RegExp Set String Symbol Uint16Array Uint32Array Uint8Array World`.split(
    /\s+/,
  );
