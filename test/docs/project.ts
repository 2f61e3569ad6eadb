// Owns the folder in which the code of one page becomes a project: its files, its tools, its compiler.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Block, commandsOf, isFile } from './blocks.js';

const require = createRequire(import.meta.url);

/** Inside of this package, so that `@hl/host` is found as a user finds it. */
const projects = join(import.meta.dirname, 'out');

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    allowJs: true,
    checkJs: true,
    outDir: 'js',
    rootDir: '.',
  },
  exclude: ['js'],
};

export class Project {
  readonly folder: string;
  readonly #blocks: readonly Block[];

  /** `name` is unique among pages. */
  constructor(name: string, blocks: readonly Block[]) {
    this.folder = join(projects, name);
    this.#blocks = blocks;
    rmSync(this.folder, { recursive: true, force: true });
    for (const block of blocks.filter(isFile)) this.#write(block.file, block.text);
    this.#write('package.json', JSON.stringify({ type: 'module' }));
    this.#write('tsconfig.json', JSON.stringify(TSCONFIG));
  }

  #write(file: string, text: string): void {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** The page's own commands, where it has the WIT that they need; then TypeScript, strictly. */
  build(): void {
    if (this.#blocks.some(({ language, isNamed }) => language === 'wit' && isNamed)) {
      for (const [tool = '', ...words] of commandsOf(this.#blocks)) {
        if (tool === '@hl/bindgen' || tool === '@hl/guest-js') this.#node(binOf(tool), ...words);
      }
    }
    this.#node(require.resolve('typescript/bin/tsc'), '-p', '.');
  }

  /** What the program prints. */
  run({ file }: Block): string {
    return this.#node(join('js', file.replace(/\.ts$/, '.js')));
  }

  #node(...words: string[]): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, words, {
      cwd: this.folder,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`node ${words.join(' ')} ended with ${status}\n${stdout}${stderr}`);
    return stdout;
  }
}

/** The one program of a package. */
function binOf(tool: string): string {
  const manifest = require.resolve(`${tool}/package.json`);
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: Record<string, string> };
  return join(dirname(manifest), Object.values(bin)[0] as string);
}
