// Owns what was asked of the project, and what this run measured of it.

import { CLONE_NAMES } from '../cells/clones.js';
import { ALIVE_NAME } from '../cells/many.js';
import { allCoresName, callName, memoryName } from '../cells/names.js';
import { OFF_CORE_NAMES } from '../cells/off-core.js';
import { PACED_NAMES } from '../cells/paced.js';
import type { Engine } from '../guests.js';
import { ASKED } from './asked.js';
import type { Figures } from './figures.js';
import type { FloorFigures } from './report.js';
import { figure } from './table.js';

export interface TargetRow {
  readonly what: string;
  readonly asked: string;
  readonly measured: string;
  /** Undefined where nothing was measured. */
  readonly met?: boolean;
}

const ENGINES: readonly (readonly [Engine, string])[] = [
  ['rust', 'Rust'],
  ['quickjs', 'QuickJS'],
  ['starlingmonkey', 'StarlingMonkey'],
];

const JCO = ['jco-node20/', 'jco-node22/', 'jco-node24/'];

export function targetRows(floors: FloorFigures, figures: Figures): TargetRow[] {
  const table = new Targets(floors, figures);
  return [
    ...table.perEngine('context call, noop', ASKED.contextNoop, (engine) =>
      callName('', 'context', engine, 'noop'),
    ),
    ...table.perEngine('context call, hello', ASKED.contextHello, (engine) =>
      callName('', 'context', engine, 'hello'),
    ),
    ...table.perEngine('fresh call, memory reset, back to back, noop', ASKED.freshMemoryNoop, (engine) =>
      callName('', 'fresh-memory', engine, 'noop'),
    ),
    table.atMost(
      'fresh call, full reset, 100 us after the last, hello QuickJS',
      PACED_NAMES[0]!,
      ASKED.pacedHello,
    ),
    table.exits('the same, 1 ms between calls', PACED_NAMES[1]!, 1.1),
    table.exits('fresh call, full reset, back to back, hello QuickJS', FRESH_HELLO, 1.7),
    table.atMost('host call, sync', 'host-call/sync', ASKED.hostCall),
    table.ratio('echo of 4 KiB against 128 B, context', 'call/context/rust/echo/4096', ECHO_CONTEXT_128, 2.2),
    table.ratio('echo of 4 KiB against 128 B, fresh', 'call/echo/4096', 'call/echo/128', 1.1),
    table.atMost(
      'echo of 1 MiB, context',
      'call/context/rust/echo/1048576',
      1.5 * 6 * floors.memcpyUs,
      '1.5 x six memcpys',
    ),
    ...againstOthers(table, figures),
    ...clones(table, floors),
    ...table.perEngine(
      'memory for each further sandbox, with the kernel',
      [1.5, 3, 6],
      (engine) => memoryName('', 'total', engine),
      MIB,
    ),
    ...OFF_CORE_NAMES.map((name) =>
      table.atMost(
        `guest in a loop off its core after its ${name.split('/')[1]}`,
        name,
        floors.exitUs + 1_000,
        'exit floor + 1 ms',
      ),
    ),
    table.works('500 sandboxes alive in one process', ALIVE_NAME, 'all answer'),
  ];
}

const FRESH_HELLO = callName('', 'fresh', 'quickjs', 'hello');
const ECHO_CONTEXT_128 = 'call/context/rust/echo/128';

function againstOthers(table: Targets, figures: Figures): TargetRow[] {
  const bestJco = (state: 'fresh' | 'context') =>
    figures.fastest(JCO.map((prefix) => callName(prefix, state, 'quickjs', 'hello')));
  const all = (prefix: string, engine: Engine) => allCoresName(prefix, 'processes', engine);
  const ours = figures.busiest(
    (['pool', 'sandboxes', 'processes'] as const).map((by) => allCoresName('', by, 'quickjs')),
  );
  return [
    table.faster(
      'hello QuickJS, context, against the best jco',
      callName('', 'context', 'quickjs', 'hello'),
      bestJco('context'),
      1.5,
    ),
    table.faster(
      'hello QuickJS, fresh (memory), against the best jco with a new instance',
      callName('', 'fresh-memory', 'quickjs', 'hello'),
      bestJco('fresh'),
      150,
    ),
    table.faster('hello QuickJS, fresh (full), against the same', FRESH_HELLO, bestJco('fresh'), 18),
    table.more(
      'fresh calls per second on all cores, against isolated-vm',
      ours,
      all('isolated-vm/', 'v8'),
      12,
    ),
    table.more('the same, against quickjs-emscripten', ours, all('quickjs-emscripten/', 'quickjs'), 2.5),
  ];
}

function clones(table: Targets, { createUs }: FloorFigures): TargetRow[] {
  return [
    table.atMost(
      'clone of a warm snapshot to first answer, new VM',
      CLONE_NAMES.new,
      createUs + 1_500,
      'create floor + 1.5 ms',
    ),
    table.atMost('the same in a recycled VM, same snapshot', CLONE_NAMES.same, 100),
    table.atMost('the same in a recycled VM, another snapshot', CLONE_NAMES.other, 1_500),
    table.atMost(
      'second process, load of a snapshot to first answer',
      CLONE_NAMES.loaded,
      createUs + 4_000,
      'create floor + 4 ms',
    ),
  ];
}

interface Measure {
  readonly unit: string;
  readonly divisor: number;
}

const MICROS: Measure = { unit: 'us', divisor: 1 };
const MIB: Measure = { unit: 'MiB', divisor: 1024 };

class Targets {
  readonly #floors: FloorFigures;
  readonly #figures: Figures;

  constructor(floors: FloorFigures, figures: Figures) {
    this.#floors = floors;
    this.#figures = figures;
  }

  perEngine(
    what: string,
    limits: readonly [number, number, number],
    name: (engine: Engine) => string,
    measure = MICROS,
  ): TargetRow[] {
    return ENGINES.map(([engine, label], index) =>
      this.atMost(`${what}, ${label}`, name(engine), limits[index]!, undefined, measure),
    );
  }

  atMost(what: string, name: string, limit: number, because?: string, { unit, divisor } = MICROS): TargetRow {
    const asked = `${figure(limit)} ${unit}`;
    return this.#row(what, because === undefined ? asked : `${because} = ${asked}`, [name], ([p50]) => ({
      measured: `${figure(p50! / divisor)} ${unit}`,
      met: p50! / divisor <= limit,
    }));
  }

  exits(what: string, name: string, factor: number): TargetRow {
    return this.atMost(what, name, factor * this.#floors.exitUs, `${factor} x exit floor`);
  }

  ratio(what: string, name: string, base: string, limit: number): TargetRow {
    return this.#row(what, `at most ${limit} x`, [name, base], ([p50, basis]) => ({
      measured: `${figure(p50! / basis!)} x (${figure(p50!)} against ${figure(basis!)} us)`,
      met: p50! / basis! <= limit,
    }));
  }

  faster(what: string, ours: string, theirs: string, factor: number): TargetRow {
    return this.#row(what, `${factor} x faster`, [ours, theirs], ([p50, other]) => ({
      measured: `${figure(other! / p50!)} x (${figure(p50!)} against ${figure(other!)} us, ${theirs.split('/')[0]})`,
      met: other! / p50! >= factor,
    }));
  }

  more(what: string, ours: string, theirs: string, factor: number): TargetRow {
    return this.#row(what, `${factor} x`, [ours, theirs], ([rate, other]) => ({
      measured: `${figure(rate! / other!)} x (${figure(rate!)} against ${figure(other!)}, by ${ours.split('/')[1]})`,
      met: rate! / other! >= factor,
    }));
  }

  works(what: string, name: string, asked: string): TargetRow {
    return this.#row(what, asked, [name], ([micros]) => ({
      measured: `${asked}, in ${figure(micros! / 1000)} ms together`,
      met: true,
    }));
  }

  #row(
    what: string,
    asked: string,
    names: readonly string[],
    judge: (medians: readonly number[]) => { measured: string; met: boolean },
  ): TargetRow {
    const medians = names.map((name) => this.#figures.get(name)?.p50);
    const missing = names[medians.indexOf(undefined)];
    if (missing === undefined) return { what, asked, ...judge(medians as number[]) };
    const reason = this.#figures.reason(missing);
    return { what, asked, measured: reason === undefined ? 'not measured' : `not available: ${reason}` };
  }
}
