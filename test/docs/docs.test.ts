// Owns the proof that the code in the documentation compiles against the public API, and does what the page says.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeWithKvm } from '../support/kvm.js';
import { type Block, blocksOf, commandsOf, isCode } from './blocks.js';
import { compile, Project } from './project.js';

const root = resolve(import.meta.dirname, '..', '..');

/** A package's page takes part if it names its files; much there is an excerpt of something larger. */
const pages = [
  ...read(['README.md', ...inFolder('docs')]),
  ...read(packageReadmes()).filter(({ blocks }) => blocks.some(({ isNamed }) => isNamed)),
].filter(({ blocks }) => blocks.some(isCode));

function read(paths: string[]): { path: string; blocks: Block[] }[] {
  return paths.map((path) => ({ path, blocks: blocksOf(readFileSync(join(root, path), 'utf8')) }));
}

function inFolder(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));
}

function packageReadmes(): string[] {
  return readdirSync(join(root, 'packages')).flatMap((name) =>
    inFolder(join('packages', name)).filter((path) => path.endsWith('README.md')),
  );
}

const projects = pages.map(({ path, blocks }) => ({
  path,
  project: new Project(path.replace(/\W+/g, '-'), blocks),
  programs: blocks.filter(({ run }) => run),
}));
let said: string[] = [];

beforeAll(() => {
  said = compile(projects.map(({ project }) => project));
}, 300_000);

describe.each(projects)('the code in $path', ({ project, programs }) => {
  test('compiles against the public API', () => {
    expect(project.errorsIn(said)).toEqual([]);
  });

  if (programs.length > 0) {
    describeWithKvm('runs', () => {
      test.each(programs)('$file prints what the page says', (program: Block) => {
        expect(project.run(program)).toBe(program.output);
      });
    });
  }
});

test('the shell commands in the documents are commands that there are', () => {
  const known = /^@hl\/(host (run|inspect|compile|doctor)|guest-js (build|wrap)|bindgen [\w./-]+ (--|-o))\b/;
  const commands = pages.flatMap(({ blocks }) => commandsOf(blocks)).map((words) => words.join(' '));
  expect(commands.filter((command) => !known.test(command))).toEqual([]);
});
