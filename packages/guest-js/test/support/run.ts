// Owns running a built component without a VM: by jco, in this process.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { transpileBytes } from '@bytecodealliance/jco-transpile';

// QuickJS's modules compute addresses in constant expressions, which Node 20 has behind a flag.
setFlagsFromString('--experimental-wasm-extended-const');

// biome-ignore lint/suspicious/noExplicitAny: exports are as the component says, which TypeScript cannot know
export type Exports = Record<string, any>;
export interface Instance {
  exports: Exports;
  /** What it wrote to stdout and stderr so far. */
  stdout(): string;
  stderr(): string;
}
export type Instantiate = (imports?: object) => Promise<Instance>;

declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

/** Each call of what is returned makes a fresh instance. */
export async function loadComponent(component: Uint8Array): Promise<Instantiate> {
  const { files } = await transpileBytes(component, {
    name: 'guest',
    instantiation: 'async',
    emitTypescriptDeclarations: false,
  });
  const folder = mkdtempSync(join(tmpdir(), 'hl-guest-test-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const cores = new Map<string, Promise<object>>();
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const [name, bytes] of entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
    if (name.endsWith('.wasm')) cores.set(name, WebAssembly.compile(bytes));
  }
  const { instantiate } = await import(/* @vite-ignore */ pathToFileURL(join(folder, 'guest.js')).href);
  const shim = createRequire(import.meta.url).resolve('@bytecodealliance/preview2-shim/instantiation');
  const { WASIShim } = await import(/* @vite-ignore */ pathToFileURL(shim).href);
  return async (imports = {}) => {
    const [stdout, stderr] = [new OutputStream(), new OutputStream()];
    const wasi = new WASIShim().getImportObject();
    const exports = await instantiate((name: string) => cores.get(name), {
      ...wasi,
      'wasi:io/streams': { ...wasi['wasi:io/streams'], OutputStream },
      'wasi:cli/stdout': { getStdout: () => stdout },
      'wasi:cli/stderr': { getStderr: () => stderr },
      ...imports,
    });
    return { exports, stdout: () => stdout.text, stderr: () => stderr.text };
  };
}

/** WASI's stream as far as the engines use it, kept in memory. */
class OutputStream {
  text = '';

  checkWrite(): bigint {
    return 65_536n;
  }

  write(bytes: Uint8Array): void {
    this.text += new TextDecoder().decode(bytes);
  }

  blockingWriteAndFlush(bytes: Uint8Array): void {
    this.write(bytes);
  }

  flush(): void {}

  blockingFlush(): void {}
}

function entries(files: unknown): Iterable<[string, Uint8Array]> {
  return (files instanceof Map ? files : Object.entries(files as object)) as Iterable<[string, Uint8Array]>;
}
