// Owns one component's way through the WIT parser and jco.
import { readFile } from 'node:fs/promises';
import type { WorldDescriptor } from '../../descriptor.js';
import type { TranspileAnswer } from '../messages.js';
import { unsupportedPart } from './unsupported.js';
import { compileModule, describeComponent } from './wasm.js';

const JCO = '@bytecodealliance/jco-transpile/component';

/** What is used of jco. */
interface Jco {
  readonly $init: Promise<void>;
  generate(
    component: Uint8Array,
    options: object,
  ): { readonly files: readonly (readonly [string, Uint8Array])[] };
}

export async function transpile(bytes: Uint8Array): Promise<TranspileAnswer> {
  const jco = await loadJco();
  if (typeof jco === 'string') return { ok: false, problem: 'tools-missing', message: jco };
  const parser = await readFile(new URL('./hl_wit.wasm', import.meta.url));
  const described = describeComponent(compileModule(parser), bytes);
  if ('problem' in described) {
    // A component, but one that WIT cannot describe.
    const isComponent = described.problem.includes('failed to decode WIT');
    return { ok: false, problem: isComponent ? 'unsupported' : 'invalid', message: described.problem };
  }
  const { descriptor, wit } = described;
  const unsupported = unsupportedPart(descriptor);
  if (unsupported !== undefined) return { ok: false, problem: 'unsupported', message: unsupported };
  try {
    const files = await generate(jco, bytes, descriptor);
    const modules = new Map(
      files.filter(([name]) => name.endsWith('.wasm')).map(([name, code]) => [name, compileModule(code)]),
    );
    const source = new TextDecoder().decode(files.find(([name]) => name.endsWith('.js'))![1]);
    return { ok: true, transpiled: { source, modules, descriptor, wit } };
  } catch (error) {
    return { ok: false, problem: 'unsupported', message: whyNot(error) };
  }
}

/** Answers why not, where it is not installed. */
async function loadJco(): Promise<Jco | string> {
  try {
    return (await import(JCO)) as Jco;
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0]! : String(error);
  }
}

async function generate(jco: Jco, bytes: Uint8Array, { imports }: WorldDescriptor) {
  await jco.$init;
  const names = imports.map(({ name }) => name).filter((name) => name?.includes('@'));
  const { files } = jco.generate(bytes, {
    name: 'component',
    noTypescript: true,
    noNodejsCompat: true,
    noNamespacedExports: false,
    noComponentErrorWrapping: false,
    base64Cutoff: 0,
    instantiation: { tag: 'sync' },
    // To itself, for jco leaves versions out: two of one package would be the same import.
    map: names.map((name) => [name, name]),
  });
  return files;
}

/** jco throws text in a `payload`; where it panics, a trap. */
function whyNot(error: unknown): string {
  const { payload, message } = error as { payload?: unknown; message?: unknown };
  const text = typeof payload === 'string' ? payload : String(message ?? error);
  const isModule = error instanceof Error && error.name === 'CompileError';
  return isModule
    ? `this Node.js (${process.version}) cannot run the component's code: ${text}; a newer one may, and so does @hl/host`
    : `jco cannot transpile the component: ${text}`;
}
