// Owns a stand-in for hl-compile: its "components" are JSON, and it logs each compilation.
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InterfaceDescriptor, TypeDescriptor } from '../../src/descriptor.ts';

export interface FakeWorld {
  types?: TypeDescriptor[];
  imports?: InterfaceDescriptor[];
  exports?: InterfaceDescriptor[];
  wasi?: string[];
  /** What the compiler does instead of compiling. */
  instead?: 'hang' | 'abort' | 'invalid' | 'unsupported' | 'garbage';
}

/** The bytes of a component of that world. */
export const componentOf = (world: FakeWorld): Uint8Array => new TextEncoder().encode(JSON.stringify(world));

export interface FakeCompiler {
  readonly path: string;
  /** How often it compiled. */
  compilations(): number;
}

export function fakeCompiler(): FakeCompiler {
  const folder = mkdtempSync(join(tmpdir(), 'hl-compile-'));
  const path = join(folder, 'hl-compile');
  const log = join(folder, 'log');
  // Whatever stands above the temporary folder: the program is CommonJS.
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }');
  writeFileSync(path, program(log));
  chmodSync(path, 0o755);
  return { path, compilations: () => (existsSync(log) ? readFileSync(log, 'utf8').length : 0) };
}

const program = (log: string): string => `#!${process.execPath}
const fs = require('node:fs');
const args = process.argv.slice(2);
if (args[0] === '--version') {
  console.log(JSON.stringify({ wasmtime: 'fake', format: 2, config: 'c'.repeat(64) }));
  process.exit(0);
}
fs.appendFileSync(${JSON.stringify(log)}, '.');
const bytes = fs.readFileSync(0);
const fail = (code, message) => { console.error('noise\\n' + JSON.stringify({ code, message })); process.exit(1); };
const world = JSON.parse(bytes);
const instead = {
  hang: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  abort: () => process.abort(),
  invalid: () => fail('invalid', 'this is text, compile it with wasm-tools parse'),
  unsupported: () => fail('unsupported', 'gc is not supported'),
  garbage: () => { console.error('Segmentation fault'); process.exit(3); },
}[world.instead];
if (instead) instead();
const { types = [], imports = [], wasi = [] } = world;
const descriptor = { version: 1, name: 'root:component/root', types, imports, exports: world.exports ?? [] };
const hash = require('node:crypto').createHash('sha256').update(bytes).digest('hex');
const head = { format: 2, wasmtime: 'fake', config: 'c'.repeat(64), componentSha256: hash, codeOffset: 65536,
  codeBytes: 4096, textOffset: 0, textBytes: 4096, codeChecksum: '0'.repeat(16), descriptor, wit: 'package root:component;', wasi };
const json = Buffer.from(JSON.stringify(head));
const file = Buffer.alloc(65536 + 4096);
file.write('HLC\\0\\0\\0\\0\\x02', 'latin1');
file.writeUInt32LE(json.length, 8);
json.copy(file, 12);
require('node:crypto').createHash('sha256').update(json).digest().copy(file, 12 + json.length);
const out = args[args.indexOf('--out') + 1];
fs.writeFileSync(out, file, { flag: 'wx' });
`;
