// Owns random values of the types that a component's own descriptor tells.
import fc from 'fast-check';
import { resolve, type TypeDescriptor, type TypeRef } from '../../src/descriptor.ts';
import { lowerCamel } from '../../src/names.ts';

type Types = readonly TypeDescriptor[];

const isNullable = (types: Types, ref: TypeRef): boolean => {
  const type = resolve(types, ref);
  return typeof type !== 'string' && type.kind === 'option' && !isNullable(types, type.type);
};

const SCALARS: Record<string, fc.Arbitrary<unknown>> = {
  bool: fc.boolean(),
  u8: fc.integer({ min: 0, max: 0xff }),
  s8: fc.integer({ min: -0x80, max: 0x7f }),
  u16: fc.integer({ min: 0, max: 0xffff }),
  s16: fc.integer({ min: -0x8000, max: 0x7fff }),
  u32: fc.integer({ min: 0, max: 0xffff_ffff }),
  s32: fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  s64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  f32: fc.float(),
  f64: fc.double(),
  char: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  string: fc.string({ unit: 'binary', maxLength: 40 }),
};

const ARRAYS: Record<string, { from(values: never[]): unknown }> = {
  u8: Uint8Array,
  u16: Uint16Array,
  s16: Int16Array,
  f64: Float64Array,
};

export function valuesOf(types: Types, ref: TypeRef): fc.Arbitrary<unknown> {
  const type = resolve(types, ref);
  if (typeof type === 'string') return SCALARS[type]!;
  switch (type.kind) {
    case 'record':
      return fc.record(
        Object.fromEntries(type.fields.map((one) => [lowerCamel(one.name), valuesOf(types, one.type)])),
      );
    case 'tuple':
      return fc.tuple(...type.types.map((one) => valuesOf(types, one)));
    case 'list': {
      const item = resolve(types, type.type);
      const array = typeof item === 'string' ? ARRAYS[item] : undefined;
      const values = fc.array(valuesOf(types, type.type), { maxLength: 6 });
      return array === undefined ? values : values.map((all) => array.from(all as never[]));
    }
    case 'option': {
      const value = valuesOf(types, type.type);
      if (!isNullable(types, type.type)) return fc.oneof(fc.constant(undefined), value);
      return fc.oneof(
        fc.constant({ tag: 'none' }),
        value.map((val) => ({ tag: 'some', val })),
      );
    }
    case 'variant':
      return fc.oneof(...type.cases.map(({ name, type: of }) => caseOf(types, name, of)));
    case 'result':
      return fc.oneof(caseOf(types, 'ok', type.ok), caseOf(types, 'err', type.err));
    case 'enum':
      return fc.constantFrom(...type.cases.map((one) => one.name));
    case 'flags':
      return fc.record(Object.fromEntries(type.flags.map((one) => [lowerCamel(one.name), fc.boolean()])));
    default:
      throw new Error(`the component has a ${type.kind}`);
  }
}

function caseOf(types: Types, tag: string, type: TypeRef | undefined): fc.Arbitrary<unknown> {
  return type === undefined ? fc.constant({ tag }) : valuesOf(types, type).map((val) => ({ tag, val }));
}
