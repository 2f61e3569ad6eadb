// A process whose disk is full: it saves and compiles in vain, loses nothing, makes room, and goes on.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Component, Sandbox, Snapshot } from '@hl/host';
import { component, counter } from './components.mjs';

const [, , disk] = process.argv;
const path = join(disk, 'state.hlsnap');
const ballast = join(disk, 'ballast');
const told = (promise) =>
  promise.then(
    () => 'done',
    (error) => `${error.code} ${/no space/i.test(error.message)}`,
  );

/** All room but that. */
function fill(except = 0) {
  rmSync(ballast, { force: true });
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(ballast, randomBytes(Math.max(0, bavail * bsize - except)));
}

const sandbox = await Sandbox.create({ component: counter });
const snapshot = await sandbox.snapshot();
await snapshot.save(path);
const saved = readFileSync(path);
for (const except of [0, 4_096, saved.length / 2]) {
  fill(except);
  console.log('save', await told(snapshot.save(path)));
  console.log(
    readFileSync(path).equals(saved),
    readdirSync(disk).filter((name) => name.endsWith('.tmp')).length,
  );
}
// The cache lies there, too.
fill();
console.log('compile', await told(Component.load(component)));
fill(100_000);
console.log('compile', await told(Component.load(component)));
rmSync(ballast);
console.log('compile', await told(Component.load(component)), 'save', await told(snapshot.save(path)));
const clone = await Sandbox.create({ snapshot: await Snapshot.load(path) });
console.log(await clone.exports.next(), await sandbox.exports.next());
await Promise.all([sandbox.close(), clone.close()]);
