// Owns the folders in which the code of the pages becomes projects: their files, their tools, one compiler for all.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Block, commandsOf, isFile, rustcOf } from './blocks.js';

const require = createRequire(import.meta.url);

/** Inside of this package, so that `@hl/host` is found as a user finds it. */
const projects = join(import.meta.dirname, 'out');
const packages = join(import.meta.dirname, '..', 'node_modules');
const COMPILED = 'js';

/** What the pages tell their reader to put into `tsconfig.json`, and stricter. */
const tsconfig = (told: { compilerOptions: object }) => ({
  compilerOptions: {
    ...told.compilerOptions,
    strict: true,
    exactOptionalPropertyTypes: true,
    allowJs: true,
    checkJs: true,
    outDir: COMPILED,
    rootDir: '.',
  },
  exclude: [COMPILED, '**/node_modules'],
});

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
    mkdirSync(this.#folder, { recursive: true });
    install(join(this.#folder, 'node_modules'));
    for (const block of this.#blocks.filter(isFile)) write(join(this.#folder, block.file), block.text);
    for (const words of rustcOf(this.#blocks)) mustRun(words, this.#folder, 'rustc');
    if (!this.#blocks.some(({ language, isNamed }) => language === 'wit' && isNamed)) return;
    for (const [tool = '', ...words] of commandsOf(this.#blocks)) {
      if (tool === '@hl/bindgen' || tool === '@hl/guest-js')
        mustRun([binOf(tool).path, ...words], this.#folder);
    }
  }

  /** Of what the compiler said, what concerns this page. */
  errorsIn(said: readonly string[]): string[] {
    return said.filter((line) => line.startsWith(`${this.#name}/`) || !/^[\w-]+\//.test(line));
  }

  /** What the program, or the shell, prints. */
  run({ language, file, text }: Block): string {
    if (language === 'sh') return mustRun(['-e', '-c', text], this.#folder, 'sh');
    return mustRun([this.#compiled(file)], this.#folder);
  }

  /** Starts a program that runs until it is killed, with a component under the name that the page gives it. */
  serve(file: string, port: number, name: string, component: string): ChildProcess {
    copyFileSync(component, join(this.#folder, name));
    return spawn(process.execPath, [this.#compiled(file)], {
      cwd: this.#folder,
      env: { ...env, PORT: String(port) },
      stdio: 'inherit',
    });
  }

  #compiled(file: string): string {
    return join(projects, COMPILED, this.#name, file.replace(/\.ts$/, '.js'));
  }
}

/** Compiles all pages at once, strictly, and answers what the compiler said. `told` is the `tsconfig.json` of the pages. */
export function compile(all: readonly Project[], told: string): string[] {
  rmSync(projects, { recursive: true, force: true });
  write(join(projects, 'package.json'), JSON.stringify({ type: 'module' }));
  write(join(projects, 'tsconfig.json'), JSON.stringify(tsconfig(JSON.parse(told))));
  for (const project of all) project.prepare();
  const { stdout } = run([require.resolve('typescript/bin/tsc'), '-p', '.'], projects);
  return stdout.split('\n').filter((line) => line !== '');
}

/** Packages and programs, for the workspace's own installation has no links to programs that are built after it. */
function install(into: string): void {
  mkdirSync(join(into, '.bin'), { recursive: true });
  for (const name of readdirSync(packages).filter((name) => name !== '.bin'))
    symlinkSync(join(packages, name), join(into, name));
  for (const tool of ['@hl/bindgen', '@hl/guest-js', '@hl/host']) {
    const { name, path } = binOf(tool);
    symlinkSync(path, join(into, '.bin', name));
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function run(words: string[], cwd: string, program = process.execPath) {
  return spawnSync(program, words, { cwd, env, encoding: 'utf8' });
}

/** Whatever npm started the tests, the page's own npx looks for nothing but what is installed. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))),
  npm_config_yes: 'false',
};

function mustRun(words: string[], cwd: string, program?: string): string {
  const { status, stdout, stderr } = run(words, cwd, program);
  if (status !== 0)
    throw new Error(`${program ?? 'node'} ${words.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** The one program of a package. */
function binOf(tool: string): { name: string; path: string } {
  const manifest = require.resolve(`${tool}/package.json`);
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: Record<string, string> };
  const [[name, path] = ['', '']] = Object.entries(bin);
  return { name, path: join(dirname(manifest), path) };
}
