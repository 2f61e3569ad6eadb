// Owns what a new project consists of, and that nothing which is there already is touched.
import { cp, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from './make-folder.js';

/** Written in at the build: our packages and the versions of them that belong together. */
declare const HL_VERSIONS: Record<string, string>;

const TEMPLATE = fileURLToPath(new URL('../template/', import.meta.url));

/** The folder cannot become a project; the message says why. */
export class FolderError extends Error {}

/** What a folder may have and still count as empty. */
const HARMLESS = new Set(['.git', '.DS_Store']);

/**
 * Makes the project and answers its files.
 *
 * # Throws
 * `FolderError` where something is there already, or nothing can be.
 */
export async function createProject(folder: string): Promise<string[]> {
  const found = (await entriesOf(folder)).filter((name) => !HARMLESS.has(name));
  if (found.length > 0) {
    const more = found.length > 1 ? ` and ${found.length - 1} more` : '';
    throw new FolderError(
      `${folder} is not empty (${found[0]}${more}); name a folder that is not there yet, or empty it`,
    );
  }
  await made(folder);
  await cp(TEMPLATE, folder, { recursive: true });
  const generated: Record<string, string> = {
    'package.json': json(manifest(packageName(folder))),
    'tsconfig.json': json(TSCONFIG),
    '.gitignore': `${IGNORED.join('\n')}\n`,
  };
  for (const [name, text] of Object.entries(generated)) await writeFile(join(folder, name), text);
  return ['host.mjs', 'plugin.ts', 'wit/plugin.wit', 'README.md', ...Object.keys(generated)];
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') throw new FolderError(`${folder} is a file; name a folder`);
    throw error;
  }
}

async function made(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new FolderError(`${folder} cannot be made (${code}); name another folder`, { cause });
  }
}

const IGNORED = ['node_modules/', 'gen/', 'plugin.wasm', 'plugin.wasm.map'];

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2024'],
    module: 'esnext',
    moduleResolution: 'bundler',
    strict: true,
    noEmit: true,
    types: [],
  },
  include: ['plugin.ts', 'gen'],
};

function manifest(name: string): object {
  const { '@hl/host': host, '@hl/bindgen': bindgen, '@hl/guest-js': guestJs } = HL_VERSIONS;
  return {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    scripts: {
      types: 'hl-bindgen wit --guest --out gen',
      build: 'npm run types && hl-guest build plugin.ts --wit wit --out plugin.wasm',
      watch: 'npm run types && hl-guest build plugin.ts --wit wit --out plugin.wasm --watch',
      start: 'npm run build && node host.mjs',
    },
    dependencies: { '@hl/host': `^${host}` },
    devDependencies: { '@hl/bindgen': `^${bindgen}`, '@hl/guest-js': `^${guestJs}` },
  };
}

/** What npm takes as a name, from what the folder is called. */
function packageName(folder: string): string {
  const name = basename(folder)
    // `é` is `e` and an accent then, which is left out; what has no such parts is written as people do.
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .replace(/[ßæœøłđðþ]/gi, (letter) => SPELLED[letter.toLowerCase()] ?? letter)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'plugin' : name;
}

const SPELLED: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
};

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
