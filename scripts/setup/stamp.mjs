// Owns the answer to "has anything changed since the last complete set-up", so that a second start costs milliseconds.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, toolsFolder } from '../environment.mjs';

const stampFile = join(toolsFolder, 'setup.stamp');
const PARENTS = ['packages', 'packages/host/npm', 'examples', 'test'];

export function isReady() {
  return (
    existsSync(join(root, 'node_modules', '.modules.yaml')) &&
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === fingerprint()
  );
}

export function markReady() {
  mkdirSync(toolsFolder, { recursive: true });
  writeFileSync(stampFile, fingerprint());
}

function fingerprint() {
  const hash = createHash('sha256').update(`${root}\n${process.version}\n${process.arch}\n`);
  for (const file of inputs()) {
    const path = join(root, file);
    hash
      .update(`${file}\n`)
      .update(existsSync(path) ? readFileSync(path) : '')
      .update('\n');
  }
  return hash.digest('hex');
}

function inputs() {
  const manifests = PARENTS.filter((parent) => existsSync(join(root, parent))).flatMap((parent) =>
    readdirSync(join(root, parent))
      .sort()
      .map((name) => join(parent, name, 'package.json')),
  );
  return [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'rust-toolchain.toml',
    'package.json',
    'test/package.json',
    ...manifests,
  ];
}
