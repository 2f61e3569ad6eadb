// Owns random WIT types, each with a random value of it, for tests of the codec.
import fc from 'fast-check';
import type { TypeDescriptor, TypeRef } from '../src/descriptor.ts';

export interface TypeWithValue {
  types: TypeDescriptor[];
  ref: TypeRef;
  value: unknown;
}

/** A type as a tree; the descriptor's table is made from it. */
interface Tree {
  readonly make: (types: TypeDescriptor[]) => TypeRef;
  readonly values: fc.Arbitrary<unknown>;
  /** Whether `undefined` is one of its values. */
  readonly nullable?: boolean;
  /** For numbers: what a list of them is. */
  readonly array?: ArrayClass;
}

interface ArrayClass {
  from(values: never[]): unknown;
}

const add = (types: TypeDescriptor[], type: TypeDescriptor): number => types.push(type) - 1;
const scalar = (ref: TypeRef, values: fc.Arbitrary<unknown>): Tree => ({ make: () => ref, values });
const number = (ref: TypeRef, array: ArrayClass, values: fc.Arbitrary<unknown>): Tree => ({
  make: () => ref,
  values,
  array,
});

const scalars: Tree[] = [
  scalar('bool', fc.boolean()),
  number('u8', Uint8Array, fc.integer({ min: 0, max: 255 })),
  number('s8', Int8Array, fc.integer({ min: -128, max: 127 })),
  number('u16', Uint16Array, fc.integer({ min: 0, max: 0xffff })),
  number('s16', Int16Array, fc.integer({ min: -0x8000, max: 0x7fff })),
  number('u32', Uint32Array, fc.integer({ min: 0, max: 0xffff_ffff })),
  number('s32', Int32Array, fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })),
  number('u64', BigUint64Array, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  number('s64', BigInt64Array, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  number('f32', Float32Array, fc.float()),
  number('f64', Float64Array, fc.double()),
  scalar('char', fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })),
  scalar('string', fc.string({ unit: 'binary' })),
];

const field = (index: number): string => `f-${'abcdefgh'[index]}`;
const key = (index: number): string => `f${'ABCDEFGH'[index]}`;

const recordOf = (items: Tree[]): Tree => ({
  make: (types) =>
    add(types, {
      kind: 'record',
      fields: items.map((item, index) => ({ name: field(index), type: item.make(types) })),
    }),
  values: fc
    .tuple(...items.map((item) => item.values))
    .map((values) => Object.fromEntries(values.map((value, index) => [key(index), value]))),
});

const tupleOf = (items: Tree[]): Tree => ({
  make: (types) => add(types, { kind: 'tuple', types: items.map((item) => item.make(types)) }),
  values: fc.tuple(...items.map((item) => item.values)),
});

const variantOf = (items: Tree[]): Tree => ({
  make: (types) =>
    add(types, {
      kind: 'variant',
      cases: [
        ...items.map((item, index) => ({ name: field(index), type: item.make(types) })),
        { name: 'empty' },
      ],
    }),
  values: fc.oneof(
    fc.constant({ tag: 'empty' }),
    ...items.map((item, index) => item.values.map((val) => ({ tag: field(index), val }))),
  ),
});

const flagsOf = (count: number): Tree => {
  const names = Array.from({ length: count }, (_, index) => `x${index}`);
  return {
    make: (types) => add(types, { kind: 'flags', flags: names.map((name) => ({ name })) }),
    values: fc.record(Object.fromEntries(names.map((name) => [name, fc.boolean()]))),
  };
};

const optionOf = (item: Tree): Tree => ({
  make: (types) => add(types, { kind: 'option', type: item.make(types) }),
  values: item.nullable
    ? fc.oneof(
        fc.constant({ tag: 'none' }),
        item.values.map((val) => ({ tag: 'some', val })),
      )
    : fc.oneof(fc.constant(undefined), item.values),
  nullable: item.nullable !== true,
});

const resultOf = ([ok, err]: [Tree, Tree]): Tree => ({
  make: (types) => add(types, { kind: 'result', ok: ok.make(types), err: err.make(types) }),
  values: fc.oneof(
    ok.values.map((val) => ({ tag: 'ok', val })),
    err.values.map((val) => ({ tag: 'err', val })),
  ),
});

const listOf = (item: Tree): Tree => {
  const { array } = item;
  const values = fc.array(item.values, { maxLength: 5 });
  return {
    make: (types) => add(types, { kind: 'list', type: item.make(types) }),
    values: array === undefined ? values : values.map((items) => array.from(items as never[])),
  };
};

const fixedListOf = (item: Tree): Tree => ({
  make: (types) => add(types, { kind: 'fixed-list', type: item.make(types), length: 3 }),
  values: fc.array(item.values, { minLength: 3, maxLength: 3 }),
});

const mapOf = ([k, v]: [Tree, Tree]): Tree => ({
  make: (types) => add(types, { kind: 'map', key: k.make(types), value: v.make(types) }),
  values: fc.array(fc.tuple(k.values, v.values), { maxLength: 4 }).map((entries) => new Map(entries)),
});

const aliasOf = (item: Tree): Tree => ({
  ...item,
  make: (types) => add(types, { kind: 'alias', name: 'named', type: item.make(types) }),
});

const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => {
  const some = fc.array(tie('tree'), { minLength: 1, maxLength: 4 });
  return {
    tree: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.constantFrom(...scalars),
      some.map(recordOf),
      some.map(tupleOf),
      some.map(variantOf),
      fc.integer({ min: 1, max: 70 }).map(flagsOf),
      tie('tree').map(optionOf),
      fc.tuple(tie('tree'), tie('tree')).map(resultOf),
      tie('tree').map(listOf),
      tie('tree').map(fixedListOf),
      fc.tuple(fc.constantFrom(scalars[0]!, scalars[5]!, scalars[12]!), tie('tree')).map(mapOf),
      tie('tree').map(aliasOf),
    ),
  };
}).tree;

export const anyTypeWithValue: fc.Arbitrary<TypeWithValue> = tree.chain((one) => {
  const types: TypeDescriptor[] = [];
  const ref = one.make(types);
  return one.values.map((value) => ({ types, ref, value }));
});
