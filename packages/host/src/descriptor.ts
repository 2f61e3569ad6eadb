// Owns the shape of a world's descriptor: the JSON in which WIT reaches this package.

export type TypeRef =
  | 'bool'
  | 'u8'
  | 's8'
  | 'u16'
  | 's16'
  | 'u32'
  | 's32'
  | 'u64'
  | 's64'
  | 'f32'
  | 'f64'
  | 'char'
  | 'string'
  | 'error-context'
  /** An index into `WorldDescriptor.types`. */
  | number;

interface Documented {
  readonly docs?: string;
}

interface Named extends Documented {
  readonly name?: string;
  /** The interface that declares it, by full name; absent for types of the world itself. */
  readonly owner?: string;
}

export interface FieldDescriptor extends Documented {
  readonly name: string;
  readonly type: TypeRef;
}

export interface CaseDescriptor extends Documented {
  readonly name: string;
  readonly type?: TypeRef;
}

export interface LabelDescriptor extends Documented {
  readonly name: string;
}

export type TypeDescriptor = Named &
  (
    | { readonly kind: 'record'; readonly fields: readonly FieldDescriptor[] }
    | { readonly kind: 'tuple'; readonly types: readonly TypeRef[] }
    | { readonly kind: 'variant'; readonly cases: readonly CaseDescriptor[] }
    | { readonly kind: 'enum'; readonly cases: readonly LabelDescriptor[] }
    | { readonly kind: 'flags'; readonly flags: readonly LabelDescriptor[] }
    | { readonly kind: 'option'; readonly type: TypeRef }
    | { readonly kind: 'result'; readonly ok?: TypeRef; readonly err?: TypeRef }
    | { readonly kind: 'list'; readonly type: TypeRef }
    | { readonly kind: 'fixed-list'; readonly type: TypeRef; readonly length: number }
    | { readonly kind: 'map'; readonly key: TypeRef; readonly value: TypeRef }
    | { readonly kind: 'alias'; readonly type: TypeRef }
    | { readonly kind: 'resource' }
    | { readonly kind: 'own' | 'borrow'; readonly resource: number }
    | { readonly kind: 'stream' | 'future'; readonly type?: TypeRef }
  );

export interface ParameterDescriptor {
  readonly name: string;
  readonly type: TypeRef;
}

export interface FunctionDescriptor extends Documented {
  /** As in WIT: `count`, `[method]bucket.get`. */
  readonly name: string;
  readonly kind: 'function' | 'constructor' | 'method' | 'static';
  readonly resource?: number;
  readonly params: readonly ParameterDescriptor[];
  readonly result?: TypeRef;
  readonly async?: true;
  /** Its signature as WIT text: `count: func(sku: string) -> u32`. */
  readonly wit: string;
}

export interface InterfaceDescriptor extends Documented {
  /** Full name with version, a plain name for an inline interface, or null for the world itself. */
  readonly name: string | null;
  readonly functions: readonly FunctionDescriptor[];
  readonly types: readonly number[];
}

export interface WorldDescriptor extends Documented {
  readonly version: 1;
  readonly name: string;
  readonly types: readonly TypeDescriptor[];
  readonly imports: readonly InterfaceDescriptor[];
  readonly exports: readonly InterfaceDescriptor[];
}

/** Only a type: no value has it. */
export declare const types: unique symbol;

/** What `@hl/bindgen` writes for a world: its structure for the host, and its types for TypeScript. */
export interface World<Imports = unknown, Exports = unknown, ContextExports = Exports> {
  readonly descriptor: WorldDescriptor;
  readonly [types]?: {
    readonly imports: Imports;
    readonly exports: Exports;
    /** With what deals with resources of the component's, which live in a context. */
    readonly contextExports: ContextExports;
  };
}

/** The type at `ref`, seen through named aliases; a primitive stays a string. */
export function resolve(
  all: readonly TypeDescriptor[],
  ref: TypeRef,
): TypeDescriptor | Exclude<TypeRef, number> {
  let at = ref;
  // A chain of aliases is at most as long as there are types; one that is longer goes round.
  for (let step = 0; step <= all.length; step++) {
    if (typeof at !== 'number') return at;
    const type = all[at];
    if (type === undefined) throw new Error(`descriptor: no type ${at} among ${all.length}`);
    if (type.kind !== 'alias') return type;
    at = type.type;
  }
  throw new Error(`descriptor: type ${String(ref)} is an alias of itself`);
}

/** The types that a value of it is made of; a handle is made of none. */
export function partsOf(type: TypeDescriptor): TypeRef[] {
  const given = (...refs: (TypeRef | undefined)[]): TypeRef[] => refs.filter((ref) => ref !== undefined);
  switch (type.kind) {
    case 'record':
      return type.fields.map((field) => field.type);
    case 'tuple':
      return [...type.types];
    case 'variant':
      return given(...type.cases.map((one) => one.type));
    case 'option':
    case 'list':
    case 'fixed-list':
    case 'alias':
      return [type.type];
    case 'map':
      return [type.key, type.value];
    case 'result':
      return given(type.ok, type.err);
    case 'stream':
    case 'future':
      return given(type.type);
    case 'enum':
    case 'flags':
    case 'resource':
    case 'own':
    case 'borrow':
      return [];
    default:
      return type satisfies never;
  }
}
