// Owns the first minutes of a plug-in's author: a project made by the package, installed, built, run, and its bad days.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { describeWithKvm } from '../support/kvm.js';
import { Consumer, type Outcome } from './consumer.js';

const tsc = resolve(import.meta.dirname, '..', 'node_modules', 'typescript', 'bin', 'tsc');
const tarballs = inject('tarballs');
const folder = mkdtempSync(join(tmpdir(), 'hl-create-'));

beforeAll(() => {
  execFileSync('tar', ['-xzf', tarballs['create-hl-plugin'], '-C', folder]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DEADLINE_MS = 60_000;

/** The command as npm runs it: from the folder that the user is in. */
function create(cwd: string, ...words: string[]): Outcome {
  const program = join(folder, 'package', 'dist', 'cli.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    cwd,
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    env: { ...process.env, npm_config_user_agent: 'npm/11.0.0 node/v20.20.2 linux x64' },
  });
  return { status, stdout, stderr };
}

function succeeded(outcome: Outcome): string {
  expect(outcome, outcome.stderr + outcome.stdout).toMatchObject({ status: 0 });
  return outcome.stdout;
}

test('a new folder gets a project, and the user is told what to do next', () => {
  const told = succeeded(create(folder, 'My Plugin!'));
  const project = join(folder, 'My Plugin!');
  const files = readdirSync(project, { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  );
  expect(files.map(({ name }) => name).sort()).toEqual(
    [
      'README.md',
      '.gitignore',
      'host.mjs',
      'package.json',
      'plugin.ts',
      'plugin.wit',
      'tsconfig.json',
    ].sort(),
  );
  for (const { name } of files) expect(told).toContain(name);
  expect(told).toMatch(/next:\n {2}cd 'My Plugin!'\n {2}npm install\n {2}npm start\n$/);

  const { name, dependencies, devDependencies } = JSON.parse(
    readFileSync(join(project, 'package.json'), 'utf8'),
  );
  expect(name).toBe('my-plugin');
  for (const [dependency, range] of Object.entries({ ...dependencies, ...devDependencies })) {
    const source = `../../packages/${dependency.replace('@hl/', '')}/package.json`;
    const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, source), 'utf8'));
    expect(range, dependency).toBe(`^${version}`);
  }
});

test.each([
  ['Éléphant rosé', 'elephant-rose', "cd 'Éléphant rosé'"],
  ['Straße_Øst', 'strasse-ost', "cd 'Straße_Øst'"],
  ["it's $HOME", 'it-s-home', `cd 'it'\\''s $HOME'`],
  ['日本', 'plugin', "cd '日本'"],
  ['deep/plain', 'plain', 'cd deep/plain'],
])('a folder called %s is the package %s', (name, packageName, cd) => {
  const told = succeeded(create(folder, name));
  expect(told).toContain(`\n  ${cd}\n`);
  expect(JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8'))).toMatchObject({
    name: packageName,
  });
});

test('a folder that cannot be made is told of, and not tried for ever', () => {
  const { status, stderr } = create(folder, '/proc/none/plugin');
  expect([status, stderr]).toEqual([
    1,
    'create-hl-plugin: /proc/none/plugin cannot be made (ENOENT); name another folder\n',
  ]);
});

test('--version is that of the package', () => {
  const { version } = JSON.parse(readFileSync(join(folder, 'package', 'package.json'), 'utf8'));
  expect(create(folder, '--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
});

test('a folder with something in it is left as it is', () => {
  const taken = join(folder, 'taken');
  mkdirSync(join(taken, '.git'), { recursive: true });
  writeFileSync(join(taken, 'mine.txt'), 'mine');
  const { status, stderr } = create(folder, 'taken');
  expect(status).toBe(1);
  expect(stderr).toMatch(/taken is not empty \(mine\.txt\); name a folder that is not there yet/);
  expect(readdirSync(taken).sort()).toEqual(['.git', 'mine.txt']);
  expect(create(folder, 'taken/mine.txt').stderr).toMatch(/mine\.txt is a file/);
});

test.each([
  { words: [], status: 2, text: /^create-hl-plugin: name a folder\n\nusage: npm create hl-plugin FOLDER/ },
  { words: [''], status: 2, text: /^create-hl-plugin: name a folder\n/ },
  { words: ['one', 'two'], status: 2, text: /one folder is enough, got two besides/ },
  { words: ['one', '--wat'], status: 2, text: /--wat/ },
  { words: ['--help'], status: 0, text: /usage/ },
])('$words ends with $status', ({ words, status, text }) => {
  const outcome = create(folder, ...words);
  expect(outcome).toMatchObject({ status });
  expect(outcome.stdout + outcome.stderr).toMatch(text);
});

describe('the project, installed', () => {
  let project: Consumer;

  beforeAll(() => {
    project = Consumer.made(tarballs, (consumer) => succeeded(create(consumer.folder, '.')));
  });
  afterAll(() => project?.remove());

  test('builds, and its types hold', () => {
    succeeded(project.run('npm', ['run', 'build']));
    succeeded(project.node(tsc, '-p', '.'));
  });

  describeWithKvm('with KVM', () => {
    test('runs, and says what the first and a later call cost', () => {
      const told = succeeded(project.run('npm', ['start']));
      expect(told).toMatch(/apple, apple, pear: 335 cents\nplum: the plug-in says "there is no plum"/);
      for (const what of ['create', 'first call', 'later call']) {
        expect(told).toMatch(new RegExp(`^${what} +\\d+\\.\\d{3} ms`, 'm'));
      }
    });
  });

  test('says in one line what is missing where micro-VMs cannot run', () => {
    rmSync(join(project.folder, 'node_modules/@hl/host-linux-x64-gnu'), { recursive: true });
    const { status, stdout, stderr } = project.node('host.mjs');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr.trimEnd()).toMatch(/^[^\n]*install @hl\/host-linux-x64-gnu$/);
  });
});
