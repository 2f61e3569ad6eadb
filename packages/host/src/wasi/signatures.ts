// Owns refusing components that declare functions of WASI with other types than WASI's: what serves them counts on these.
import type {
  FunctionDescriptor,
  InterfaceDescriptor,
  TypeDescriptor,
  TypeRef,
  WorldDescriptor,
} from '../descriptor.js';
import { ComponentError } from '../errors/classes.js';
import { qualifiedName, withoutVersion } from '../names.js';
import { functionDifference, type Sides } from '../world/difference.js';
import { SIGNATURES } from './signature-table.js';

interface Signatures {
  readonly types: readonly TypeDescriptor[];
  /** By interface without version and name: `wasi:io/poll#poll`. */
  readonly functions: ReadonlyMap<string, FunctionDescriptor>;
}

let signatures: Signatures | undefined;

/** Throws a ComponentError that names the first function of `interfaces` that WASI 0.2 does not have so. */
export function requireWasiSignatures(
  { types }: Pick<WorldDescriptor, 'types'>,
  interfaces: readonly InterfaceDescriptor[],
  isServed: (interfaceName: string, functionName: string) => boolean,
): void {
  for (const { name, functions } of interfaces) {
    for (const one of functions) {
      if (name !== null && isServed(name, one.name)) requireSignature(types, name, one);
    }
  }
}

function requireSignature(
  types: readonly TypeDescriptor[],
  interfaceName: string,
  actual: FunctionDescriptor,
): void {
  signatures ??= new Reader().read(SIGNATURES);
  const name = qualifiedName(interfaceName, actual.name);
  const expected = signatures.functions.get(qualifiedName(withoutVersion(interfaceName), actual.name));
  if (expected === undefined) {
    throw unsupported(
      `the component declares ${name}, which WASI 0.2 does not have\n  component: ${actual.wit}`,
    );
  }
  const sides: Sides = { expected: signatures.types, actual: types };
  const difference =
    expected.kind === actual.kind
      ? functionDifference(sides, expected, actual)
      : `it is a ${expected.kind} in the world, a ${actual.kind} in the component`;
  if (difference === undefined) return;
  throw unsupported(
    `the component declares ${name} otherwise than WASI 0.2 (the world) does: ${difference}\n  WASI 0.2: ${expected.wit}\n  component: ${actual.wit}`,
  );
}

const unsupported = (message: string): ComponentError =>
  new ComponentError('ERR_HL_COMPONENT_UNSUPPORTED', message);

const PRIMITIVES: ReadonlySet<string> = new Set([
  'bool',
  'u8',
  'u16',
  'u32',
  'u64',
  'string',
] satisfies TypeRef[]);

interface Part {
  readonly name: string;
  readonly type?: TypeRef;
}

/** Reads the table, which is ours: it has no mistakes to tell. */
class Reader {
  readonly #types: TypeDescriptor[] = [];
  readonly #named = new Map<string, TypeRef>();
  #words: string[] = [];
  #owner = '';

  read(table: string): Signatures {
    const functions = new Map<string, FunctionDescriptor>();
    for (const line of table.split('\n')) {
      const isHeading = !line.startsWith(' ');
      if (isHeading) this.#owner = line;
      else if (line.includes(' = ')) this.#define(line.trim());
      else {
        const one = this.#function(line.trim());
        functions.set(qualifiedName(this.#owner, one.name), one);
      }
    }
    return { types: this.#types, functions };
  }

  #define(line: string): void {
    const [name, definition] = line.split(' = ') as [string, string];
    if (definition === 'resource') {
      this.#named.set(name, this.#added({ kind: 'resource', name, owner: this.#owner }));
    } else this.#named.set(name, this.#typeOf(definition)!);
  }

  #function(wit: string): FunctionDescriptor {
    const open = wit.indexOf('(');
    const [params, result] = wit.slice(open).split(' -> ') as [string, string | undefined];
    const name = wit.slice(0, open);
    const kind = (/^\[(\w+)\]/.exec(name)?.[1] ?? 'function') as FunctionDescriptor['kind'];
    this.#words = wordsOf(params);
    const taken = this.#parts(')') as Required<Part>[];
    const type = result === undefined ? undefined : this.#typeOf(result);
    return { name, kind, params: taken, ...(type === undefined ? {} : { result: type }), wit };
  }

  #typeOf(text: string): TypeRef | undefined {
    this.#words = wordsOf(text);
    return this.#type();
  }

  /** `_` is none. */
  #type(): TypeRef | undefined {
    const word = this.#words.shift()!;
    if (word === '_') return undefined;
    if (this.#words[0] !== '<') return PRIMITIVES.has(word) ? (word as TypeRef) : this.#named.get(word)!;
    if (word === 'own' || word === 'borrow') {
      const [resource] = this.#refs();
      return this.#added({ kind: word, resource: resource as number });
    }
    return this.#added(this.#structure(word as TypeDescriptor['kind']));
  }

  #structure(kind: TypeDescriptor['kind']): TypeDescriptor {
    switch (kind) {
      case 'record':
        return { kind, fields: this.#parts('>') as Required<Part>[] };
      case 'variant':
        return { kind, cases: this.#parts('>') };
      case 'enum':
        return { kind, cases: this.#parts('>') };
      case 'flags':
        return { kind, flags: this.#parts('>') };
      case 'tuple':
        return { kind, types: this.#refs() as TypeRef[] };
      case 'list':
      case 'option':
        return { kind, type: this.#refs()[0]! };
      case 'result': {
        const [ok, err] = this.#refs();
        return { kind, ...(ok === undefined ? {} : { ok }), ...(err === undefined ? {} : { err }) };
      }
      default:
        throw new Error(`signature table: ${kind}`);
    }
  }

  /** `<a, b>`. */
  #refs(): (TypeRef | undefined)[] {
    const refs: (TypeRef | undefined)[] = [];
    while (this.#words.shift() !== '>') refs.push(this.#type());
    return refs;
  }

  /** `(a: t, b)`, up to `end`. */
  #parts(end: string): Part[] {
    const parts: Part[] = [];
    this.#words.shift();
    while (this.#words[0] !== end) {
      if (this.#words[0] === ',') this.#words.shift();
      const name = this.#words.shift()!;
      if (this.#words[0] !== ':') parts.push({ name });
      else {
        this.#words.shift();
        parts.push({ name, type: this.#type()! });
      }
    }
    this.#words.shift();
    return parts;
  }

  #added(type: TypeDescriptor): number {
    return this.#types.push(type) - 1;
  }
}

const wordsOf = (text: string): string[] => text.match(/[\w-]+|[<>(),:]/g) ?? [];
