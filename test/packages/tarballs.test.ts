// Owns what is in the tarballs, and that package.json says the truth about it to every module system.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, test } from 'vitest';
import type { PackageName } from './pack.js';

const tarballs = inject('tarballs');
const names = Object.keys(tarballs) as PackageName[];
const repository = resolve(import.meta.dirname, '..', '..');
const attw = join(repository, 'test', 'node_modules', '.bin', 'attw');

interface Entry {
  path: string;
  executable: boolean;
}

function entriesOf(name: PackageName): Entry[] {
  const listing = execFileSync('tar', ['-tvzf', tarballs[name]], { encoding: 'utf8' });
  return listing
    .trim()
    .split('\n')
    .map((line) => ({
      path: line.replace(/^.* package\//, ''),
      executable: line.slice(0, 10).includes('x'),
    }));
}

describe.each(names)('%s', (name) => {
  test('passes publint', async () => {
    const tarball = readFileSync(tarballs[name]);
    const content = tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength);
    const { messages, pkg } = await publint({ pack: { tarball: content as ArrayBuffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test('carries a licence and a README, and no tests, sources or folders of this machine', () => {
    const entries = entriesOf(name);
    const paths = entries.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE']));
    expect(paths.filter((path) => /(^|\/)(src|test|node_modules)\/|\.test\.|tsconfig/.test(path))).toEqual(
      [],
    );
    expect(filesNaming(name, `${repository}/`)).toEqual([]);
  });

  test('depends on released versions only', () => {
    const text = execFileSync('tar', ['-xzOf', tarballs[name], 'package/package.json'], { encoding: 'utf8' });
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = JSON.parse(text);
    const ranges = Object.values({ ...dependencies, ...optionalDependencies, ...peerDependencies });
    expect(ranges.filter((range) => /workspace|file:|link:/.test(String(range)))).toEqual([]);
  });
});

test.each(['@hl/host', '@hl/bindgen', '@hl/guest-js'] as const)('%s passes attw', (name) => {
  const { type } = JSON.parse(
    execFileSync('tar', ['-xzOf', tarballs[name], 'package/package.json'], { encoding: 'utf8' }),
  ) as { type?: string };
  const profile = type === 'module' ? 'esm-only' : 'node16';
  const options = [
    tarballs[name],
    '--profile',
    profile,
    '--no-color',
    '--no-emoji',
    '--exclude-entrypoints',
    'greet.wasm',
  ];
  expect(() => execFileSync(attw, options, { encoding: 'utf8' })).not.toThrow();
});

test('the host tarball holds no native code', () => {
  const native = entriesOf('@hl/host').filter(({ path, executable }) => {
    return /\.(node|so|a|o|rs|toml)$|hl-compile/.test(path) || (executable && !path.startsWith('dist/'));
  });
  expect(native.filter(({ path }) => !path.endsWith('/'))).toEqual([]);
});

test('the platform tarball holds the add-on and a compiler that may be run', () => {
  const entries = entriesOf('@hl/host-linux-x64-gnu');
  expect(entries).toContainEqual({ path: 'hl-compile', executable: true });
  expect(entries.map(({ path }) => path)).toContain('hl-host.linux-x64-gnu.node');
});

/**
 * Files that name a folder: a path of the repository in a program is a path that users do not have. Sources that crates
 * of others generate while they are built are named in their panics, and lie in target/.
 */
function filesNaming(name: PackageName, folder: string): string[] {
  const unpacked = mkdtempSync(join(tmpdir(), 'hl-unpacked-'));
  try {
    execFileSync('tar', ['-xzf', tarballs[name], '-C', unpacked]);
    return entriesOf(name)
      .map(({ path }) => path)
      .filter((path) => !path.endsWith('/'))
      .filter((path) => {
        const text = readFileSync(join(unpacked, 'package', path), 'latin1');
        return text.replaceAll(`${folder}target/release/build/`, '').includes(folder);
      });
  } finally {
    rmSync(unpacked, { recursive: true, force: true });
  }
}
