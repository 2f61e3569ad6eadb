// Owns what must be on the machine besides npm packages, and the command that brings each missing thing.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../environment.mjs';

const NODE_MIN = { major: 20, minor: 20 };

/** One sentence for each thing that is missing and that only the user can install; what rustup can add is added. */
export function missingTools() {
  const missing = [];
  if (!isNodeRecent()) {
    const wanted = `${NODE_MIN.major}.${NODE_MIN.minor}`;
    missing.push(
      `Node ${wanted} or later is needed, this is ${process.versions.node}; run: nvm install ${NODE_MIN.major}`,
    );
  }
  if (!runs('cc', '--version'))
    missing.push('a C compiler and linker (cc) is needed; run: apt-get install build-essential');
  if (!runs('rustup', '--version')) {
    missing.push(
      "rustup is needed; run: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh, then open a new shell",
    );
  } else {
    const sentence = addRustTargets();
    if (sentence) missing.push(sentence);
  }
  return missing;
}

function isNodeRecent() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > NODE_MIN.major || (major === NODE_MIN.major && minor >= NODE_MIN.minor);
}

function addRustTargets() {
  const toolchain = readFileSync(join(root, 'rust-toolchain.toml'), 'utf8');
  const channel = /^channel = "(.+)"/m.exec(toolchain)[1];
  const wanted = list(toolchain, 'targets');
  const present = installed(['target', 'list', '--installed', '--toolchain', channel]);
  const components = installed(['component', 'list', '--installed', '--toolchain', channel]);
  const complete =
    wanted.every((target) => present.includes(target)) &&
    list(toolchain, 'components').every((name) => components.some((line) => line.startsWith(name)));
  if (complete) return undefined;

  console.error(`setup: installing Rust ${channel} with ${wanted.join(', ')}`);
  const options = [
    ...wanted.flatMap((target) => ['--target', target]),
    ...list(toolchain, 'components').flatMap((name) => ['--component', name]),
  ];
  const command = ['toolchain', 'install', channel, '--profile', 'minimal', '--no-self-update', ...options];
  const added = spawnSync('rustup', command, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  return added.status === 0 ? undefined : `Rust ${channel} is incomplete; run: rustup ${command.join(' ')}`;
}

function list(toml, key) {
  const values = new RegExp(`^${key} = \\[(.*)\\]`, 'm').exec(toml)?.[1] ?? '';
  return [...values.matchAll(/"([^"]+)"/g)].map((match) => match[1]);
}

function installed(command) {
  const answer = spawnSync('rustup', command, { cwd: root, encoding: 'utf8' });
  return answer.status === 0 ? answer.stdout.split('\n').filter(Boolean) : [];
}

function runs(program, argument) {
  return spawnSync(program, [argument], { stdio: 'ignore', cwd: root }).status === 0;
}
