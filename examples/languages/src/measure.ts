// Owns what each language costs here: `npm start` prints the table that docs/other-languages.md shows.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Component, Sandbox } from '@hl/host';
import { type Entry, lender } from './gen/lender.js';
import { type Language, languages } from './languages.js';

/** Languages take turns, so that no row has all of a moment in which the machine was busy. */
const COMPILATIONS = 3;
const ROUNDS = 10;
const STARTS_PER_ROUND = 10;
const CALLS_PER_ROUND = 1_000;

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

/**
 * Of compilations and starts the best: what else the machine has to do makes them slower, never faster. Of calls the
 * median round: where a core is free they are answered in place, elsewhere not, and one lucky round says nothing.
 */
class Row {
  readonly language: Language;
  readonly #bytes: Uint8Array;
  #component: Component | undefined;
  #stateBytes = 0;
  #compileMs = Number.POSITIVE_INFINITY;
  #startMs = Number.POSITIVE_INFINITY;
  readonly #callMs: number[] = [];
  readonly #contextMs: number[] = [];

  constructor(language: Language) {
    this.language = language;
    this.#bytes = language.component();
  }

  /** `cache` is empty of it. */
  async compile(cache: string): Promise<void> {
    process.env['XDG_CACHE_HOME'] = cache;
    const [ms, component] = await timed(() => Component.load(this.#bytes));
    this.#compileMs = Math.min(this.#compileMs, ms);
    this.#component = component;
  }

  async round(): Promise<void> {
    for (let left = STARTS_PER_ROUND; left > 0; left -= 1) {
      const [ms, sandbox] = await timed(() => this.#make());
      this.#startMs = Math.min(this.#startMs, ms);
      await sandbox.close();
    }
    await using sandbox = await this.#make();
    this.#callMs.push(await medianOfCalls(() => sandbox.exports.ledger.describe(entry)));
    const context = await sandbox.context();
    this.#contextMs.push(await medianOfCalls(() => context.exports.ledger.describe(entry)));
    await context.finish();
    using snapshot = await sandbox.snapshot();
    this.#stateBytes = snapshot.bytes;
  }

  get cells(): string[] {
    return [
      this.language.name,
      size(this.#bytes.length),
      `${(this.#compileMs / 1000).toFixed(1)} s`,
      `${this.#startMs.toFixed(0)} ms`,
      `${(median(this.#callMs) * 1000).toFixed(0)} µs`,
      `${(median(this.#contextMs) * 1000).toFixed(0)} µs`,
      size(this.#stateBytes),
    ];
  }

  #make() {
    return Sandbox.create({
      world: lender,
      component: this.#component!,
      imports: {
        'acme:ledger/rates': { rate: () => 1n },
        'acme:ledger/journal': { Log },
      },
    });
  }
}

const rows = languages.map((language) => new Row(language));
const caches = mkdtempSync(join(tmpdir(), 'hl-languages-'));
try {
  for (let round = 0; round < COMPILATIONS; round += 1) {
    for (const row of rows) await row.compile(join(caches, `${round}`));
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const row of rows) await row.round();
  }
} finally {
  rmSync(caches, { recursive: true, force: true });
}
console.log('| written in | component | compiling, once | start | call | call in a context | base state |');
console.log('|---|--:|--:|--:|--:|--:|--:|');
for (const { cells } of rows) console.log(`| ${cells.join(' | ')} |`);
const load = loadavg()[1] as number;
console.log(`\n${cpus().length} cores; in the last five minutes ${load.toFixed(1)} threads wanted one`);

async function medianOfCalls(call: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let left = CALLS_PER_ROUND; left > 0; left -= 1) times.push((await timed(call))[0]);
  return median(times);
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
