// Owns the proof that the code in the documentation compiles against the public API, and does what the page says.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
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
const tsconfigs = new Set(
  pages.flatMap(({ blocks }) =>
    blocks.filter(({ file }) => file === 'tsconfig.json').map(({ text }) => text),
  ),
);
let said: string[] = [];

beforeAll(() => {
  const [tsconfig = ''] = tsconfigs;
  said = compile(
    projects.map(({ project }) => project),
    tsconfig,
  );
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

describeWithKvm('the server in docs/grant-wasi.md', () => {
  test('passes on the whole request, and the whole answer', async () => {
    const { project } = projects.find(({ path }) => path.endsWith('grant-wasi.md'))!;
    const port = await freePort();
    const handler = join(root, 'test', 'components', 'dist', 'handler.wasm');
    const server = project.serve('server.ts', port, 'handler.wasm', handler);
    onTestFinished(() => void server.kill());

    const url = `http://localhost:${port}`;
    const answer = await vi.waitFor(() => fetch(`${url}/a?b`, { method: 'DELETE' }), { timeout: 50_000 });
    expect([answer.status, answer.headers.get('x-handler')]).toEqual([201, 'yes']);
    expect(await answer.text()).toBe(`Method::Delete /a?b Some("localhost:${port}") 1`);

    const body = 'high tide at noon\n'.repeat(10_000);
    const echo = await fetch(`${url}/echo`, { method: 'POST', body });
    expect((await echo.text()) === body).toBe(true);
    expect((await fetch(`${url}/panic`)).status).toBe(500);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('all pages tell the same tsconfig.json', () => {
  expect(tsconfigs.size).toBe(1);
});

test('the shell commands in the documents are commands that there are', () => {
  const known = /^@hl\/(host (run|inspect|compile|doctor)|guest-js (build|wrap)|bindgen [\w./-]+ (--|-o))\b/;
  const commands = pages.flatMap(({ blocks }) => commandsOf(blocks)).map((words) => words.join(' '));
  expect(commands.filter((command) => !known.test(command))).toEqual([]);
});
