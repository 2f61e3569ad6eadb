// Owns building the guest for those who run no components: jco's output, a script, an Extism plug-in.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { rustc } from '../cargo.js';
import { messageOf } from '../cells/cell.js';
import type { Engine, Guest, Guests } from '../guests.js';
import { inPackage } from '../paths.js';
import { load } from './installed.js';
import type { Build } from './list.js';

export async function prepareBuilds(components: Guests): Promise<Record<Build, Guests>> {
  return {
    components,
    transpiled: await each(components.built, transpile),
    scripts: await each([script('v8'), script('quickjs')], async ({ path }) => path),
    plugins: await each([{ engine: 'rust', path: inPackage('guests/extism/guest.rs') }], plugin),
  };
}

async function each(guests: readonly Guest[], build: (guest: Guest) => Promise<string>): Promise<Guests> {
  const built: Guest[] = [];
  const leftOut: { engine: Engine; reason: string }[] = [];
  for (const guest of guests) {
    try {
      built.push({ engine: guest.engine, path: await build(guest) });
    } catch (error) {
      leftOut.push({ engine: guest.engine, reason: messageOf(error) });
    }
  }
  return { built, leftOut };
}

interface Transpiler {
  transpile(path: string, options: object): Promise<{ files: Record<string, Uint8Array> }>;
}

/** JavaScript and core modules; takes a second, so it is done anew each time. */
async function transpile({ engine, path }: Guest): Promise<string> {
  const { transpile } = await load<Transpiler>('@bytecodealliance/jco-transpile');
  const outDir = inPackage('out/jco', engine);
  const options = { name: engine, outDir, instantiation: 'sync', noTypescript: true };
  const { files } = await transpile(path, options);
  rmSync(outDir, { recursive: true, force: true });
  for (const [file, bytes] of Object.entries(files)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  // Its files are modules, whatever the nearest package.json says.
  writeFileSync(join(outDir, 'package.json'), '{ "type": "module" }\n');
  return outDir;
}

/** The TypeScript guest without its types, as a script that leaves its functions in `globalThis.guest`. */
function script(engine: Engine): Guest {
  const source = readFileSync(inPackage('guests/typescript/guest.ts'), 'utf8');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const path = inPackage('out/guest.js');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    `globalThis.guest = ((exports) => {
const require = () => ({ add: (left, right) => globalThis.add(left, right) });
${outputText}
return exports;
})({});
`,
  );
  return { engine, path };
}

async function plugin({ path }: Guest): Promise<string> {
  const out = inPackage('out/extism.wasm');
  mkdirSync(dirname(out), { recursive: true });
  await rustc(path, out, 'wasm32-unknown-unknown');
  return out;
}
