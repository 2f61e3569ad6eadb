// Owns the shape of a world's descriptor: the JSON that the hl-wit module makes from WIT.

/** A primitive by its WIT name, or an index into `WorldDescriptor.types`. */
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
  | number;

/** A type refers only to types before it in the table. */
export type TypeDescriptor = {
  readonly name?: string;
  /** The interface that declares it, by full name; absent for types of the world itself. */
  readonly owner?: string;
  readonly docs?: string;
} & (
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

export interface FieldDescriptor {
  readonly name: string;
  readonly type: TypeRef;
  readonly docs?: string;
}

export interface CaseDescriptor {
  readonly name: string;
  readonly type?: TypeRef;
  readonly docs?: string;
}

/** A case of an enum, or a flag. */
export interface LabelDescriptor {
  readonly name: string;
  readonly docs?: string;
}

export interface FunctionDescriptor {
  /** As in WIT: `count`, `[method]bucket.get`. */
  readonly name: string;
  readonly kind: 'function' | 'constructor' | 'method' | 'static';
  readonly resource?: number;
  /** A method's first parameter is the resource itself. */
  readonly params: readonly { readonly name: string; readonly type: TypeRef }[];
  readonly result?: TypeRef;
  readonly async?: true;
  /** Its signature as WIT text: `count: func(sku: string) -> u32`. */
  readonly wit: string;
  readonly docs?: string;
}

export interface InterfaceDescriptor {
  /** Full name with version, a plain name for an inline interface, or null for the world's own level. */
  readonly name: string | null;
  readonly functions: readonly FunctionDescriptor[];
  /** The named types that it declares or takes over with `use`. */
  readonly types: readonly number[];
  readonly docs?: string;
}

export interface WorldDescriptor {
  readonly version: 1;
  /** `acme:shop/shop@1.0.0`, or `root:component/root` for a built component. */
  readonly name: string;
  readonly docs?: string;
  readonly types: readonly TypeDescriptor[];
  readonly imports: readonly InterfaceDescriptor[];
  readonly exports: readonly InterfaceDescriptor[];
}

/** The table's entry at `index`. */
export function typeAt(types: readonly TypeDescriptor[], index: number): TypeDescriptor {
  const type = types[index];
  if (type === undefined) throw new Error(`descriptor: no type ${index} among ${types.length}`);
  return type;
}

/** What `ref` is once all names for other types are looked through. */
export function resolve(
  types: readonly TypeDescriptor[],
  ref: TypeRef,
): TypeDescriptor | Exclude<TypeRef, number> {
  let at = ref;
  while (typeof at === 'number') {
    const type = typeAt(types, at);
    if (type.kind !== 'alias') return type;
    at = type.type;
  }
  return at;
}
