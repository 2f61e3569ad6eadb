// Owns the cells about what surrounds a call: creating, loading, resetting, stopping.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Component, type SandboxStats } from '@hl/host';
import type { Contestant } from '../contestants/contestant.js';
import type { HyperlightSubject } from '../contestants/hyperlight.js';
import type { Guest } from '../guests.js';
import { type Cell, check, timed, type Unit } from './cell.js';
import { firstAnswerName, stopName } from './names.js';

/** From files, compiled before where that can be kept on disk, to the first answer of a new sandbox. */
export function firstAnswer({ prefix, createCold }: Contestant, guest: Guest): Cell {
  const name = firstAnswerName(prefix, guest.engine);
  return {
    name,
    unit: 'us',
    samples: 100,
    warmUps: 3,
    async sample(turn) {
      const started = performance.now();
      const instance = await createCold(guest);
      const answer = await instance.exports.hello(`caller ${turn}`);
      const micros = (performance.now() - started) * 1000;
      await instance.close();
      check(name, answer, `Hello, caller ${turn}!`);
      return micros;
    },
  };
}

const STOP_AFTER_MS = 100;

/** From the call of an endless loop with a limit of 100 ms to its end, at the caller. */
export function stop({ prefix, create }: Contestant, guest: Guest): Cell {
  const name = stopName(prefix, guest.engine);
  return {
    name,
    unit: 'us',
    samples: 20,
    warmUps: 1,
    async sample(turn) {
      const instance = await create(guest);
      check(name, await instance.exports.hello(`caller ${turn}`), `Hello, caller ${turn}!`);
      const { micros } = await timed(() => instance.stopSpin!(STOP_AFTER_MS));
      if (instance.survivesStop) check(name, await instance.exports.hello('you'), 'Hello, you!');
      await instance.close();
      return micros;
    },
  };
}

export const LOAD_NAME = 'load/cached';

/** `Component.load` of what was compiled before: two components of the same size in turns, told apart by their hash. */
export function loadCached({ path }: Guest): Cell {
  const sources = [path, withCustomSection(path)].map((path) => ({ path, hash: sha256(path) }));
  return {
    name: LOAD_NAME,
    unit: 'us',
    samples: 200,
    warmUps: 4,
    async sample(turn) {
      const { path, hash } = sources[turn % sources.length]!;
      const { answer, micros } = await timed(() => Component.load(path));
      check(LOAD_NAME, answer.hash, hash);
      return micros;
    },
  };
}

export const RESET_NAMES = ['reset/pages', 'reset/time'];

/** What one reset put back, and how long that took, after a call of hello. */
export function resetCells(subject: HyperlightSubject): Cell[] {
  return [
    resetCell('reset/pages', 'pages', subject, ({ pagesRestored }) => pagesRestored),
    resetCell('reset/time', 'us', subject, ({ resetMicros }) => resetMicros),
  ];
}

function resetCell(
  name: string,
  unit: Unit,
  subject: HyperlightSubject,
  total: (stats: SandboxStats) => number,
): Cell {
  return {
    name,
    unit,
    samples: 500,
    warmUps: 20,
    async sample(turn) {
      const resets = await subject.renewals();
      const before = total(subject.stats());
      check(name, await subject.fresh.hello(`caller ${turn}`), `Hello, caller ${turn}!`);
      check(`resets of ${name}`, (await subject.renewals()) - resets, 1);
      return total(subject.stats()) - before;
    },
  };
}

/** The same component, with other bytes: a custom section (0) of two bytes, its empty name and one more. */
function withCustomSection(path: string): string {
  const copy = join(tmpdir(), `hl-bench-${process.pid}.wasm`);
  writeFileSync(copy, Buffer.concat([readFileSync(path), Buffer.from([0, 2, 0, 0])]));
  process.once('exit', () => rmSync(copy, { force: true }));
  return copy;
}

function sha256(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
