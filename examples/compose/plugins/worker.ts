// Counts words, and lets children count what is too much for one. Some of its tasks mean harm.

import { type Refusal, run, type Wish } from 'acme:spawn/children';
import type { Worker } from 'acme:spawn/plugin@1.0.0';
import { WitError } from '@hl/guest-js/guest';

const WORDS_MAX = 4;

/** More than anybody gives. */
const GREED: Wish = { memoryBytes: 2n ** 40n, timeMs: 2 ** 32 - 1 };

const tasks: Record<string, (rest: string) => string> = { count, forever, hoard, descend, breed, ask };

export const worker: Worker = {
  work(task) {
    const [name = '', rest = ''] = task.split(/:(.*)/s);
    return (tasks[name] ?? unknown)(rest);
  },
};

function count(text: string): string {
  const words = text.split(/\s+/).filter(Boolean);
  if (words.length <= WORDS_MAX) return String(words.length);
  const middle = words.length >> 1;
  const halves = [words.slice(0, middle), words.slice(middle)];
  return String(halves.reduce((sum, half) => sum + Number(run(`count:${half.join(' ')}`, GREED)), 0));
}

function forever(): never {
  for (;;);
}

function hoard(): never {
  for (const all: Uint8Array[] = []; ; ) all.push(new Uint8Array(1 << 20).fill(1));
}

/** How many generations there can be below this one, and what ends them. */
function descend(): string {
  try {
    const [depth = '', end = ''] = run('descend', GREED).split(' ');
    return `${Number(depth) + 1} ${end}`;
  } catch (error) {
    return `0 ${reason(error)}`;
  }
}

/** How many children there can be one after the other, and what ends that. */
function breed(): string {
  for (let children = 0; ; children += 1) {
    try {
      run('count:', GREED);
    } catch (error) {
      return `${children} ${reason(error)}`;
    }
  }
}

/** Has a child do it, and lives on whatever comes of that. */
function ask(task: string): string {
  try {
    return `the child says ${run(task, GREED)}`;
  } catch (error) {
    return `no answer: ${reason(error)}`;
  }
}

function reason(error: unknown): string {
  if (!(error instanceof WitError)) throw error;
  const refusal = error.payload as Refusal;
  return refusal.tag === 'failed' ? refusal.val : refusal.tag;
}

function unknown(): never {
  throw new Error('no such task');
}
