// Owns the folders in which the code of the pages becomes projects: their files, their tools, one compiler for all.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Block, commandsOf, isFile, rustcOf } from './blocks.js';

const require = createRequire(import.meta.url);

/** Inside of this package, so that `@hl/host` is found as a user finds it. */
const projects = join(import.meta.dirname, 'out');
const COMPILED = 'js';

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
    outDir: COMPILED,
    rootDir: '.',
  },
  exclude: [COMPILED],
};

/** The code of one page. */
export class Project {
  readonly #name: string;
  readonly #blocks: readonly Block[];

  /** `name` is unique among pages. */
  constructor(name: string, blocks: readonly Block[]) {
    this.#name = name;
    this.#blocks = blocks;
  }

  get #folder(): string {
    return join(projects, this.#name);
  }

  /** Writes the files, and runs the page's own commands where it has the WIT that they need. */
  prepare(): void {
    for (const block of this.#blocks.filter(isFile)) write(join(this.#folder, block.file), block.text);
    for (const words of rustcOf(this.#blocks)) mustRun(words, this.#folder, 'rustc');
    if (!this.#blocks.some(({ language, isNamed }) => language === 'wit' && isNamed)) return;
    for (const [tool = '', ...words] of commandsOf(this.#blocks)) {
      if (tool === '@hl/bindgen' || tool === '@hl/guest-js') mustRun([binOf(tool), ...words], this.#folder);
    }
  }

  /** Of what the compiler said, what concerns this page. */
  errorsIn(said: readonly string[]): string[] {
    return said.filter((line) => line.startsWith(`${this.#name}/`) || !/^[\w-]+\//.test(line));
  }

  /** What the program prints. */
  run({ file }: Block): string {
    return mustRun([join(projects, COMPILED, this.#name, file.replace(/\.ts$/, '.js'))], this.#folder);
  }
}

/** Compiles all pages at once, strictly, and answers what the compiler said. */
export function compile(all: readonly Project[]): string[] {
  rmSync(projects, { recursive: true, force: true });
  write(join(projects, 'package.json'), JSON.stringify({ type: 'module' }));
  write(join(projects, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  for (const project of all) project.prepare();
  const { stdout } = run([require.resolve('typescript/bin/tsc'), '-p', '.'], projects);
  return stdout.split('\n').filter((line) => line !== '');
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function run(words: string[], cwd: string, program = process.execPath) {
  return spawnSync(program, words, { cwd, encoding: 'utf8' });
}

function mustRun(words: string[], cwd: string, program?: string): string {
  const { status, stdout, stderr } = run(words, cwd, program);
  if (status !== 0)
    throw new Error(`${program ?? 'node'} ${words.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** The one program of a package. */
function binOf(tool: string): string {
  const manifest = require.resolve(`${tool}/package.json`);
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: Record<string, string> };
  return join(dirname(manifest), Object.values(bin)[0] as string);
}
