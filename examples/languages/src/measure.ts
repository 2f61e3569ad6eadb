// Owns what each language costs here: `npm start` prints the table that docs/other-languages.md shows.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Component, Sandbox } from '@hl/host';
import { type Entry, lender } from './gen/lender.js';
import { type Language, languages } from './languages.js';

const STARTS = 10;
const ROUNDS = 10;
const CALLS_PER_ROUND = 200;

const entry: Entry = {
  id: 7n,
  account: 'sales',
  amount: -250n,
  currency: 'eur',
  marks: { urgent: true },
  note: 'high tide',
};

/** Has to be there; none is made here. */
class Log {
  write(): number {
    return 0;
  }
}

const cache = mkdtempSync(join(tmpdir(), 'hl-languages-'));
process.env['XDG_CACHE_HOME'] = cache;
try {
  console.log('| written in | component | compiling, once | start | call | call in a context | base state |');
  console.log('|---|--:|--:|--:|--:|--:|--:|');
  for (const language of languages) console.log(`| ${(await measure(language)).join(' | ')} |`);
} finally {
  rmSync(cache, { recursive: true, force: true });
}

async function measure({ name, component }: Language): Promise<string[]> {
  const bytes = component();
  const [compileMs, compiled] = await timed(() => Component.load(bytes));
  const make = () =>
    Sandbox.create({
      world: lender,
      component: compiled,
      imports: {
        'acme:ledger/rates': { rate: () => 1n },
        'acme:ledger/journal': { Log },
      },
    });
  const starts: number[] = [];
  for (let left = STARTS; left > 0; left -= 1) {
    const [ms, sandbox] = await timed(make);
    starts.push(ms);
    await sandbox.close();
  }
  const sandbox = await make();
  const direct = await medianOfCalls(() => sandbox.exports.ledger.describe(entry));
  const context = await sandbox.context();
  const kept = await medianOfCalls(() => context.exports.ledger.describe(entry));
  await context.finish();
  const snapshot = await sandbox.snapshot();
  await sandbox.close();
  return [
    name,
    size(bytes.length),
    `${(compileMs / 1000).toFixed(1)} s`,
    `${Math.round(Math.min(...starts))} ms`,
    `${(direct * 1000).toFixed(0)} µs`,
    `${(kept * 1000).toFixed(1)} µs`,
    size(snapshot.bytes),
  ];
}

/** The best round: what else the machine has to do makes calls slower, never faster. */
async function medianOfCalls(call: () => Promise<unknown>): Promise<number> {
  const medians: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const times: number[] = [];
    for (let left = CALLS_PER_ROUND; left > 0; left -= 1) times.push((await timed(call))[0]);
    medians.push(median(times));
  }
  return Math.min(...medians);
}

async function timed<T>(work: () => Promise<T>): Promise<[ms: number, result: T]> {
  const started = performance.now();
  const result = await work();
  return [performance.now() - started, result];
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number;
}

function size(bytes: number): string {
  return bytes < 1 << 20 ? `${Math.round(bytes / 1024)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}
