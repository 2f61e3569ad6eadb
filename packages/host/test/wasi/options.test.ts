// Owns the proof that what is wrong with the option `wasi` is said by name, and which functions it grants.
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import type { FunctionDescriptor, WorldDescriptor } from '../../src/descriptor.js';
import { Output } from '../../src/sandbox/output.js';
import { Preopens } from '../../src/wasi/filesystem/preopens.js';
import { GrantedWasi, grantingOf } from '../../src/wasi/grant.js';
import { parseWasi } from '../../src/wasi/options.js';

test('nothing given is nothing granted', () => {
  expect(parseWasi(undefined)).toBe(undefined);
});

test('paths are from the current directory, or file: URLs', () => {
  const preopens = {
    '/a': { path: 'a', access: 'read' },
    '/b': { path: pathToFileURL('/tmp/b'), access: 'read-write' },
  };
  expect(parseWasi({ preopens, env: { A: 'b', C: undefined }, args: ['p'] })).toMatchObject({
    preopens: [
      { guestPath: '/a', hostPath: `${process.cwd()}/a`, access: 'read' },
      { guestPath: '/b', hostPath: '/tmp/b', access: 'read-write' },
    ],
    env: [['A', 'b']],
    args: ['p'],
    clocks: 'real',
  });
});

test.each<[unknown, string]>([
  [3, 'wasi: expected object, got number'],
  [{ files: {} }, 'wasi.files: there is no such option; there are env, args, stdin, preopens, http, clocks'],
  [{ env: ['A=b'] }, 'wasi.env: expected object, got array'],
  [{ env: { A: 1 } }, "wasi.env['A']: expected string, got number"],
  [{ env: { 'A=': '' } }, "wasi.env['A=']: no such name can be"],
  [{ env: { A: 'a\0' } }, "wasi.env['A']: it has a NUL"],
  [{ args: 'a' }, 'wasi.args: expected array, got string'],
  [{ args: ['a', 1] }, 'wasi.args[1]: expected string, got number'],
  [{ stdin: 3 }, 'wasi.stdin: expected string, Uint8Array, iterable or ReadableStream, got number'],
  [{ preopens: { '/a': 'a' } }, "wasi.preopens['/a']: expected object, got string"],
  [
    { preopens: { '/a': { path: 'a' } } },
    "wasi.preopens['/a'].access: expected 'read' or 'read-write', got undefined",
  ],
  [
    { preopens: { '/a': { path: 3, access: 'read' } } },
    "wasi.preopens['/a'].path: expected string, got number",
  ],
  [
    { preopens: { '/a': { path: new URL('http://a/'), access: 'read' } } },
    "wasi.preopens['/a'].path: expected a file: URL, got http:",
  ],
  [{ preopens: { '': { path: 'a', access: 'read' } } }, "wasi.preopens['']: no such path can be"],
  [{ http: {} }, 'wasi.http: expected function from Request to Response, got object'],
  [{ clocks: 'fast' }, "wasi.clocks: expected 'real', 'frozen' or an object with now(), got 'fast'"],
])('%o is refused by name', (given, message) => {
  expect(() => parseWasi(given)).toThrow(new TypeError(message));
});

test('a folder that is not there, or is none, is refused by name', async () => {
  const open = (hostPath: string) => Preopens.open([{ guestPath: '/a', hostPath, access: 'read' }]);
  await expect(open('/no/such')).rejects.toThrow(
    "wasi.preopens['/a'].path: cannot open /no/such: there is no such folder",
  );
  await expect(open('/etc/passwd')).rejects.toThrow('it is not a folder');
});

const functionOf = (name: string): FunctionDescriptor => ({ name, kind: 'function', params: [], wit: '' });
const interfaceOf = (name: string, ...functions: string[]) => ({
  name,
  functions: functions.map(functionOf),
  types: [],
});
const worldOf = (...exported: string[]): WorldDescriptor => ({
  version: 1,
  name: 'a:b/w',
  types: [],
  imports: [
    interfaceOf('wasi:cli/environment@0.2.3', 'get-environment', 'get-arguments', 'initial-cwd'),
    interfaceOf('wasi:cli/exit@0.2.3', 'exit'),
    interfaceOf('wasi:cli/stdout@0.2.3', 'get-stdout'),
    interfaceOf('wasi:clocks/monotonic-clock@0.2.3', 'now', 'subscribe-duration'),
    interfaceOf('wasi:clocks/wall-clock@0.2.3', 'now'),
    interfaceOf('wasi:io/poll@0.2.3', 'poll'),
    interfaceOf('wasi:io/poll@0.2.0', 'poll'),
    interfaceOf('wasi:random/random@0.2.3', 'get-random-u64'),
    interfaceOf('wasi:sockets/tcp@0.2.3', '[method]tcp-socket.subscribe'),
    interfaceOf('wasi:http/outgoing-handler@0.3.0', 'handle'),
    interfaceOf('acme:io/poll@0.2.3', 'poll'),
  ],
  exports: exported.map((name) => interfaceOf(name)),
});

function grantedFunctions(wasi: unknown, world = worldOf()): string[] {
  const granting = grantingOf(parseWasi(wasi), world);
  return world.imports.flatMap(({ name, functions }) =>
    functions
      .filter((one) => granting?.serves(name!, one.name))
      .map((one) => `${name!.replace('wasi:', '')}#${one.name}`),
  );
}

const STREAMS = [
  'cli/stdout@0.2.3#get-stdout',
  'clocks/monotonic-clock@0.2.3#subscribe-duration',
  'io/poll@0.2.3#poll',
  'io/poll@0.2.0#poll',
];

test('what is granted goes to the host, everything else stays in the VM', () => {
  expect(grantedFunctions(undefined)).toEqual([]);
  expect(grantedFunctions({})).toEqual([]);
  expect(grantedFunctions({ clocks: 'real' })).toEqual([]);
  expect(grantedFunctions({ env: {} })).toEqual(['cli/environment@0.2.3#get-environment']);
  expect(grantedFunctions({ args: [] })).toEqual(['cli/environment@0.2.3#get-arguments']);
  for (const wasi of [{ stdin: '' }, { preopens: {} }, { http: () => new Response() }]) {
    expect(grantedFunctions(wasi)).toEqual(STREAMS);
  }
  const handler = worldOf('wasi:http/incoming-handler@0.2.3');
  expect(grantedFunctions(undefined, handler)).toEqual(STREAMS);
  expect(grantedFunctions({ clocks: 'frozen' })).toEqual([
    STREAMS[0],
    'clocks/monotonic-clock@0.2.3#now',
    STREAMS[1],
    'clocks/wall-clock@0.2.3#now',
    ...STREAMS.slice(2),
  ]);
});

test('each granted interface has its object, under each name by which the component imports it', async () => {
  const wasi = parseWasi({ stdin: '', env: {} });
  const granting = grantingOf(wasi, worldOf())!;
  const granted = await GrantedWasi.create(wasi, new Output(undefined, undefined).target(0));
  expect(Object.keys(granted.importsOf(worldOf(), granting))).toEqual([
    'wasi:cli/environment@0.2.3',
    'wasi:cli/stdout@0.2.3',
    'wasi:clocks/monotonic-clock@0.2.3',
    'wasi:io/poll@0.2.3',
    'wasi:io/poll@0.2.0',
  ]);
  granted.close();
});
