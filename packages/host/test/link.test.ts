// What fits together: keys of exports and imports, worlds against components, and what is said where they do not fit.
import { beforeEach, describe, expect, test } from 'vitest';
import type { FunctionDescriptor, InterfaceDescriptor, TypeDescriptor, World } from '../src/descriptor.ts';
import { ComponentError, LinkError, Sandbox } from '../src/index.ts';
import { componentOf, type FakeWorld } from './fake/compiler.ts';
import { functionOf, installFake } from './fake/world.ts';

beforeEach(() => {
  installFake();
});

const count = functionOf('count', ['string'], 'u32');
const one = (name: string | null, ...functions: FunctionDescriptor[]): InterfaceDescriptor => ({
  name,
  functions,
  types: [],
});

// biome-ignore lint/suspicious/noExplicitAny: what is tried here is often what the types forbid
const create = (world: FakeWorld, options: any = {}): Promise<Sandbox> =>
  Sandbox.create({ component: componentOf(world), ...options });

const failure = (promise: Promise<unknown>): Promise<Error & Record<string, unknown>> =>
  promise.then(
    () => expect.fail('expected a rejection'),
    (error) => error,
  );

describe('exports', () => {
  const world: FakeWorld = {
    exports: [
      one(null, functionOf('greet', []), functionOf('quotes', [])),
      one('acme:shop/quotes@1.0.0', functionOf('best-quote', [])),
      one('acme:shop/live-stock@1.0.0', count),
      one('a:b/types', functionOf('a', [])),
      one('c:d/types', functionOf('b', [])),
    ],
  };

  test('are keyed by last part, by name without version and by full name; the world level wins', async () => {
    const { exports } = await create(world);
    expect(Object.keys(exports.liveStock)).toEqual(['count']);
    expect(exports['acme:shop/live-stock@1.0.0']).toBe(exports.liveStock);
    expect(exports['acme:shop/live-stock']).toBe(exports.liveStock);
    expect(typeof exports.quotes).toBe('function');
    expect(Object.keys(exports['acme:shop/quotes'])).toEqual(['bestQuote']);
  });

  test('never make a promise of what holds them', async () => {
    const { exports } = await create({
      exports: [one(null, functionOf('then', [])), one('a:b/c', functionOf('then', []))],
    });
    expect([exports.then, exports.c.then]).toEqual([undefined, undefined]);
    expect([typeof exports.then_, typeof exports.c.then_]).toEqual(['function', 'function']);
  });

  test('a last part that could mean two says so', async () => {
    const { exports } = await create(world);
    expect(() => exports.types).toThrow(
      "exports.types could mean each of exports['a:b/types'], exports['c:d/types']",
    );
    expect(() => exports.types).toThrow(TypeError);
  });

  test('are frozen, and a view has the same', async () => {
    const sandbox = await create(world);
    expect(Object.isFrozen(sandbox.exports) && Object.isFrozen(sandbox.exports.liveStock)).toBe(true);
    expect(Object.keys(sandbox.with({ timeoutMs: 5 }).exports.liveStock)).toEqual(['count']);
  });
});

describe('imports', () => {
  const world: FakeWorld = {
    imports: [one('acme:shop/live-stock@1.0.0', count), one(null, functionOf('log', ['string']))],
  };
  const stock = { count: () => 1 };
  const log = () => undefined;

  test.each(['acme:shop/live-stock@1.0.0', 'acme:shop/live-stock', 'liveStock'])(
    '%s is a key',
    async (key) => {
      await create(world, { imports: { [key]: stock, log } });
    },
  );

  test('all that is missing is listed with its signature and a skeleton that can be pasted', async () => {
    const error = await failure(create(world));
    expect(error).toBeInstanceOf(LinkError);
    expect(error['missing']).toEqual([
      { interface: 'acme:shop/live-stock@1.0.0', name: 'count', wit: 'count: func(p0: string) -> u32' },
      { interface: null, name: 'log', wit: 'log: func(p0: string)' },
    ]);
    const skeleton = error['skeleton'] as string;
    expect(error.message).toContain(skeleton);
    const { imports } = new Function(`return { ${skeleton} }`)();
    await create(world, { imports });
  });

  test.each([
    [
      { liveStok: stock, log },
      TypeError,
      "imports['liveStok']: the component imports no such interface; it imports 'acme:shop/live-stock', 'log'",
    ],
    [{ liveStock: stock, lag: log }, TypeError, "imports['lag']: the component imports no such function"],
    [{ liveStock: stock, 'acme:shop/live-stock': stock, log }, TypeError, 'is given twice'],
    [
      { liveStock: { count: 7 }, log },
      TypeError,
      "imports['acme:shop/live-stock'].count: expected function, got number",
    ],
    [{ liveStock: 7, log }, TypeError, "imports['liveStock']: expected an object with functions, got number"],
  ])('%o is refused', async (imports, ErrorClass, message) => {
    const error = await failure(create(world, { imports }));
    expect(error).toBeInstanceOf(ErrorClass);
    expect(error.message).toContain(message);
  });

  test('what every object inherits is not granted by that, what a class of the user has is', async () => {
    const names = ['to-string', 'has-own-property', 'constructor'];
    const wanting: FakeWorld = {
      imports: [
        one('a:b/c', ...names.map((name) => functionOf(name, [], 'u32'))),
        one(null, functionOf('value-of', [])),
      ],
    };
    class Plain {}
    const error = await failure(create(wanting, { imports: { 'a:b/c': new Plain() } }));
    expect(error).toBeInstanceOf(LinkError);
    expect((error['missing'] as { name: string }[]).map((each) => each.name)).toEqual([...names, 'value-of']);

    class Meant {
      toString = () => 1;
      hasOwnProperty() {
        return 2;
      }
    }
    const meant = Object.assign(new Meant(), { constructor: () => 3 });
    await create(wanting, { imports: { 'a:b/c': meant, valueOf() {} } });
  });

  test('a last part that could mean two lists the choices', async () => {
    const two: FakeWorld = { imports: [one('a:b/stock', count), one('c:d/stock', count)] };
    const error = await failure(create(two, { imports: { stock } }));
    expect(error.message).toContain("it could mean each of 'a:b/stock', 'c:d/stock'");
    await create(two, { imports: { 'a:b/stock': stock, 'c:d/stock': stock } });
  });

  test('two versions of one interface are told apart by their full names', async () => {
    const two: FakeWorld = { imports: [one('a:b/stock@1.0.0', count), one('a:b/stock@2.0.0', count)] };
    await create(two, { imports: { 'a:b/stock@1.0.0': stock, 'a:b/stock@2.0.0': stock } });
    const error = await failure(create(two));
    expect(error['skeleton']).toContain("'a:b/stock@2.0.0': {");
  });

  test('what the VM serves cannot be granted in this version, and need not be', async () => {
    const wasi: FakeWorld = {
      imports: [one('wasi:clocks/wall-clock@0.2.0', functionOf('now', []))],
      wasi: ['wasi:clocks/wall-clock@0.2.0#now'],
    };
    await create(wasi);
    const error = await failure(create(wasi, { imports: { 'wasi:clocks/wall-clock': { now() {} } } }));
    expect(error.message).toContain('only the option wasi grants more of it');
  });
});

describe('functions that cannot cross', () => {
  const types: TypeDescriptor[] = [
    { kind: 'resource', name: 'output-stream', owner: 'wasi:io/streams@0.2.6' },
    { kind: 'borrow', resource: 0 },
    { kind: 'stream', type: 'u8' },
    { kind: 'list', type: 2 },
  ];
  test.each<[string, FakeWorld, string]>([
    [
      'a resource that the VM keeps to itself',
      { types, imports: [one('a:b/c', functionOf('print', [1]))] },
      'a:b/c#print, which this version cannot pass on: it has output-stream of wasi:io/streams@0.2.6',
    ],
    ['a stream in an import', { types, imports: [one('a:b/c', functionOf('read', [2]))] }, 'a:b/c#read'],
    ['an async function', { exports: [one(null, { ...functionOf('later', []), async: true })] }, 'later'],
    ['a stream in a list', { types, exports: [one(null, functionOf('all', [], 3))] }, 'all'],
  ])('%s is named', async (_name, world, name) => {
    const error = await failure(create(world));
    expect(error).toBeInstanceOf(ComponentError);
    expect(error['code']).toBe('ERR_HL_COMPONENT_UNSUPPORTED');
    expect(error.message).toContain(name);
  });
});

describe('worlds', () => {
  const record = (type: 'u32' | 'f64'): TypeDescriptor[] => [
    { kind: 'record', name: 'quote', fields: [{ name: 'price', type }] },
    { kind: 'alias', name: 'offer', type: 0 },
  ];
  const worldOf = (world: FakeWorld): World => ({
    descriptor: { version: 1, name: 'acme:shop/shop', types: [], imports: [], exports: [], ...world },
  });
  const quote = functionOf('quote', ['u8'], 0);

  test('one that fits is fine, also where the component exports more, and where it imports less', async () => {
    const component: FakeWorld = {
      types: record('u32'),
      exports: [one('acme:shop/quotes', quote, functionOf('more', []))],
    };
    const world = worldOf({
      types: record('u32'),
      exports: [one('acme:shop/quotes', quote)],
      imports: [one('acme:shop/stock', count)],
    });
    const sandbox = await create(component, { world, imports: { 'acme:shop/stock': { count: () => 1 } } });
    expect(Object.keys(sandbox.exports.quotes)).toEqual(['quote']);
  });

  test('names of types and aliases do not count', async () => {
    const aliased: TypeDescriptor[] = [...record('u32')];
    const world = worldOf({ types: aliased, exports: [one('a:b/c', functionOf('quote', ['u8'], 1))] });
    await create({ types: record('u32'), exports: [one('a:b/c', quote)] }, { world });
  });

  test('another version of the same interface fits', async () => {
    const world = worldOf({ exports: [one('a:b/c@1.0.0', count)] });
    const sandbox = await create({ exports: [one('a:b/c@1.0.1', count)] }, { world });
    expect(typeof sandbox.exports['a:b/c'].count).toBe('function');
  });

  test.each<[string, FakeWorld, FakeWorld, string[]]>([
    [
      'a function that is not there',
      { exports: [one('a:b/c')] },
      { exports: [one('a:b/c', count)] },
      ['does not export a:b/c#count', count.wit],
    ],
    [
      'a field of another type',
      { types: record('u32'), exports: [one('a:b/c', quote)] },
      { types: record('f64'), exports: [one('a:b/c', quote)] },
      ['a:b/c#quote', 'the result.price differs', 'world acme:shop/shop: quote', 'component: quote'],
    ],
    [
      'another number of parameters',
      { exports: [one(null, functionOf('f', ['u8']))] },
      { exports: [one(null, functionOf('f', ['u8', 'u8']))] },
      ['f: func(p0: u8, p1: u8)', 'f: func(p0: u8)'],
    ],
    [
      'an import of another type',
      { imports: [one('a:b/c', count)] },
      { imports: [one('a:b/c', functionOf('count', ['u8'], 'u32'))] },
      ["parameter 'p0' differs"],
    ],
  ])('%s is named, with both signatures', async (_name, component, world, texts) => {
    const error = await failure(create(component, { world: worldOf(world) }));
    expect(error).toBeInstanceOf(ComponentError);
    expect(error['code']).toBe('ERR_HL_WORLD_MISMATCH');
    for (const text of texts) expect(error.message).toContain(text);
  });
});
