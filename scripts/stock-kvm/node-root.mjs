// Owns the files with which the emulated machine runs our tests through Node: Node itself with its libraries, the built
// packages, and the tests as plain JavaScript.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { root } from '../environment.mjs';

const require = createRequire(import.meta.url);
const app = 'app';

/** Test files that run there, each with the folder of its parts if it has one. */
const TESTS = ['test/faults.test.ts', 'test/limits.test.ts', 'test/cancel.test.ts'];
const PARTS = ['test/faults', 'test/support'];
const DATA = [
  'test/components/dist',
  'test/guests/addon/dist',
  'target/guest/x86_64-unknown-none/release/hl-runtime',
  'target/guest/x86_64-unknown-none/release/hl-hostile',
];

/** Lays everything into `folder`; answers the arguments with which Node runs it. */
export async function layOut(folder) {
  rmSync(folder, { recursive: true, force: true });
  const host = join(folder, app, 'node_modules/@hl/host');
  copy(join(root, 'packages/host'), host, ['dist', 'package.json']);
  const platform = join(root, 'packages/host/npm/linux-x64-gnu');
  copy(platform, join(folder, app, 'node_modules/@hl/host-linux-x64-gnu'), readdirSync(platform));
  for (const path of DATA.filter((path) => existsSync(join(root, path)))) {
    mkdirSync(dirname(join(folder, app, path)), { recursive: true });
    cpSync(join(root, path), join(folder, app, path), { recursive: true, dereference: true });
  }
  await writeTests(folder);
  const binaries = [process.execPath, ...readdirSync(platform).map((name) => join(platform, name))];
  for (const library of new Set(binaries.flatMap(librariesOf))) {
    mkdirSync(dirname(join(folder, library)), { recursive: true });
    cpSync(realpathSync(library), join(folder, library));
  }
  return [`/${app}/run.mjs`];
}

function copy(from, to, names) {
  mkdirSync(to, { recursive: true });
  for (const name of names) cpSync(join(from, name), join(to, name), { recursive: true, dereference: true });
}

/** One JavaScript file for each in TypeScript, in the same place, so that what they find beside themselves is there. */
async function writeTests(folder) {
  const parts = PARTS.flatMap((part) =>
    existsSync(join(root, part)) ? readdirSync(join(root, part)).map((name) => join(part, name)) : [],
  );
  const sources = [...TESTS, ...parts].filter((path) => path.endsWith('.ts') && existsSync(join(root, path)));
  await build({
    entryPoints: sources.map((path) => join(root, path)),
    outbase: root,
    outdir: join(folder, app),
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  await build({
    entryPoints: [require.resolve('./vitest.mjs')],
    outfile: join(folder, app, 'node_modules/vitest/index.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // What CommonJS modules count on.
    banner: {
      js: [
        "import { createRequire } from 'node:module';",
        'const require = createRequire(import.meta.url);',
        'const __dirname = import.meta.dirname;',
      ].join(' '),
    },
    logLevel: 'warning',
  });
  const manifest = { name: 'vitest', type: 'module', exports: './index.js' };
  writeFileSync(join(folder, app, 'node_modules/vitest/package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, app, 'package.json'), JSON.stringify({ type: 'module' }));
  const tests = sources.filter((path) => TESTS.includes(path)).map((path) => path.replace(/\.ts$/, '.js'));
  const lines = [
    "import { runTests } from 'vitest';",
    ...tests.map((path) => `await import('./${path}');`),
    'process.exit((await runTests()) === 0 ? 0 : 1);',
  ];
  writeFileSync(join(folder, app, 'run.mjs'), `${lines.join('\n')}\n`);
  console.log(`stock-kvm: through Node: ${tests.map((path) => basename(relative('.', path))).join(', ')}`);
}

/** Paths of the shared libraries that a program needs, the loader included; none where it is not one. */
function librariesOf(path) {
  const { status, stdout } = spawnSync('ldd', [path], { encoding: 'utf8' });
  if (status !== 0) return [];
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, library]) => library);
}
