// Owns which processes a run starts, and for what.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, type Unavailable } from './cells/cell.js';
import { CLONE_NAMES } from './cells/clones.js';
import { type Build, CORES, type Entry, OURS } from './contestants/list.js';
import type { Engine, Guest, Guests } from './guests.js';
import type { Measurable } from './harness.js';
import { root } from './paths.js';
import type { Job, Part } from './process/job.js';
import { MeasuringProcess } from './process/measuring-process.js';
import { OneShot, together } from './process/sharing.js';

export class RunPlan {
  readonly #builds: Readonly<Record<Build, Guests>>;
  readonly #only: string;
  readonly #open: { close(): Promise<void> }[] = [];
  readonly #cells: Measurable[] = [];
  readonly #unavailable: Unavailable[] = [];

  constructor(builds: Readonly<Record<Build, Guests>>, only: string) {
    this.#builds = builds;
    this.#only = only;
  }

  /** In an order in which equal cells of all contestants follow each other, so that noise hits them alike. */
  cells(): Measurable[] {
    return [...this.#cells].sort((left, right) =>
      withoutPrefix(left.name).localeCompare(withoutPrefix(right.name), 'en', { numeric: true }),
    );
  }

  /** Results that there cannot be, by name or by names with `*`, and why. */
  unavailable(): readonly Unavailable[] {
    return this.#unavailable.map(({ name, reason }) => ({ name, reason: inOneLine(reason) }));
  }

  /** Ours must start: a contestant that does not is only named. */
  async add(entry: Entry): Promise<void> {
    const { built, leftOut } = this.#builds[entry.build];
    const isTaken = ({ engine }: { engine: Engine }) => entry.engines.includes(engine);
    for (const { engine, reason } of leftOut.filter(isTaken)) {
      this.#unavailable.push({ name: `${entry.prefix}*/${engine}*`, reason });
    }
    try {
      if (entry.node === undefined) throw new Error('its Node is not installed');
      await this.#addParts(entry, built.filter(isTaken));
    } catch (error) {
      if (entry === OURS) throw error;
      this.#unavailable.push({ name: `${entry.prefix}*`, reason: messageOf(error) });
    }
  }

  async #addParts(entry: Entry, guests: readonly Guest[]): Promise<void> {
    const typical = guests.find(({ engine }) => engine === 'quickjs') ?? guests[0];
    if (typical === undefined) return;
    await this.#keep(entry, 'calls', guests);
    await this.#addOneForEachCore(entry, typical);
    for (const guest of guests) await this.#addOneShot(entry, 'memory', [guest]);
    if (entry === OURS && typical.engine === 'quickjs') await this.#addClones(guests, typical);
  }

  async #addClones(guests: readonly Guest[], guest: Guest): Promise<void> {
    await this.#keep(OURS, 'all-cores', [guest]);
    await this.#addOneShot(OURS, 'alive', [guest]);
    for (const part of ['clone-new', 'clone-same', 'clone-other'] as const) {
      await this.#keep(OURS, part, [guest]);
    }
    const other = guests.find(({ engine }) => engine === 'rust');
    if (other) await this.#keep(OURS, 'clone-other-component', [guest, other]);
    if (CLONE_NAMES.loaded.includes(this.#only)) await this.#addLoaded(guest);
  }

  /** One process saves a snapshot, others start from the file. */
  async #addLoaded(guest: Guest): Promise<void> {
    const file = join(tmpdir(), `hl-bench-${process.pid}.hlsnap`);
    this.#open.push({ close: async () => rmSync(file, { force: true }) });
    try {
      const saving = await MeasuringProcess.start(OURS, this.#job(OURS, 'save', [guest], file));
      await saving.close();
      await this.#addOneShot(OURS, 'clone-loaded', [guest], file);
    } catch (error) {
      this.#unavailable.push({ name: CLONE_NAMES.loaded, reason: messageOf(error) });
    }
  }

  /** A process that lives as long as the run. */
  async #keep(entry: Entry, part: Part, guests: readonly Guest[]): Promise<MeasuringProcess> {
    const started = await MeasuringProcess.start(entry, this.#job(entry, part, guests));
    this.#open.push(started);
    this.#unavailable.push(...started.unavailable);
    if (part !== 'one-core') this.#cells.push(...started.cells());
    return started;
  }

  async #addOneForEachCore(entry: Entry, guest: Guest): Promise<void> {
    const processes: MeasuringProcess[] = [];
    for (let core = 0; core < CORES; core++) processes.push(await this.#keep(entry, 'one-core', [guest]));
    this.#cells.push(...together(processes));
  }

  async #addOneShot(entry: Entry, part: Part, guests: readonly Guest[], file?: string): Promise<void> {
    const shot = await OneShot.create(entry, this.#job(entry, part, guests, file));
    this.#open.push(shot);
    this.#cells.push(...shot.cells);
    this.#unavailable.push(...shot.unavailable);
  }

  #job({ prefix }: Entry, part: Part, guests: readonly Guest[], file?: string): Job {
    return { prefix, part, guests, only: this.#only, ...(file !== undefined && { file }) };
  }

  async close(): Promise<void> {
    for (const each of this.#open) await each.close();
  }
}

function withoutPrefix(name: string): string {
  return name.replace(/^[a-z0-9-]+\/(?=(call|create|host-call|stop|all-cores|memory)\/)/, '');
}

/** A failure of another process comes with its stack; and where this machine keeps its files is nobody's business. */
function inOneLine(reason: string): string {
  const [first] = reason.split('\n') as [string];
  return first.replace(/^Error: /, '').replaceAll(`${root}/`, '');
}
