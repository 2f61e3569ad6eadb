// Owns how messages name a type of a descriptor: as WIT does, with what it is where it has a name.
import { resolve, type TypeDescriptor, type TypeRef } from '../descriptor.js';

/** Further in stands an ellipsis: the place has been named already. */
const DEPTH_MAX = 4;
/** And so it does after that many types; a component decides how wide its types are. */
const TYPES_MAX = 32;

/** `u32`, `list<string>`, ``record `quote` ``. Other names for a type are seen through. */
export function typeText(types: readonly TypeDescriptor[], ref: TypeRef | undefined): string {
  if (ref === undefined) return 'nothing';
  const type = resolve(types, ref);
  if (typeof type === 'string') return type;
  return type.name === undefined ? new Printer(types).text(ref, 0) : `${type.kind} \`${type.name}\``;
}

class Printer {
  readonly #types: readonly TypeDescriptor[];
  #left = TYPES_MAX;

  constructor(types: readonly TypeDescriptor[]) {
    this.#types = types;
  }

  text(ref: TypeRef | undefined, depth: number): string {
    if (ref === undefined) return '_';
    const type = resolve(this.#types, ref);
    if (typeof type === 'string') return type;
    if (type.name !== undefined) return type.name;
    this.#left -= 1;
    if (depth === DEPTH_MAX || this.#left < 0) return '…';
    const parts = this.#parts(type, depth + 1);
    return parts.length === 0 ? type.kind : `${nameOf(type)}<${parts.join(', ')}>`;
  }

  /** What stands between the angle brackets. */
  #parts(type: TypeDescriptor, depth: number): string[] {
    const one = (ref: TypeRef | undefined) => this.text(ref, depth);
    switch (type.kind) {
      case 'tuple': {
        const shown = type.types.slice(0, TYPES_MAX).map(one);
        return shown.length < type.types.length ? [...shown, '…'] : shown;
      }
      case 'list':
      case 'option':
        return [one(type.type)];
      case 'fixed-list':
        return [one(type.type), String(type.length)];
      case 'map':
        return [one(type.key), one(type.value)];
      case 'result':
        if (type.err === undefined) return type.ok === undefined ? [] : [one(type.ok)];
        return [one(type.ok), one(type.err)];
      case 'stream':
      case 'future':
        return type.type === undefined ? [] : [one(type.type)];
      case 'own':
      case 'borrow':
        return [one(type.resource)];
      case 'record':
      case 'variant':
      case 'enum':
      case 'flags':
      case 'resource':
      case 'alias':
        return [];
      default:
        return type satisfies never;
    }
  }
}

const nameOf = ({ kind }: TypeDescriptor): string => (kind === 'fixed-list' ? 'list' : kind);
