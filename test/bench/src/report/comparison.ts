// Owns the tables in which all contestants stand side by side, with a note for each thing that somebody cannot do.
import {
  allCoresName,
  callName,
  ECHO_BYTES,
  echoName,
  firstAnswerName,
  hostCallName,
  memoryName,
  type State,
  stopName,
} from '../cells/names.js';
import { type Entry, OURS, others } from '../contestants/list.js';
import type { Engine } from '../guests.js';
import type { Result } from '../harness.js';
import { Figures } from './figures.js';
import type { Report } from './report.js';
import { figure, type Table } from './table.js';

interface Row {
  readonly entry: Entry;
  readonly engine: Engine;
  /** Ours again, where fresh state is fresh memory. */
  readonly isMemoryReset?: boolean;
}

/** One column: its title, whose result it shows, and what of that. */
interface Column {
  readonly title: string;
  name(row: Row, figures: Figures): string;
  show(result: Result): string;
}

export function comparisonTables(report: Report): Table[] {
  const figures = new Figures(report);
  return [
    table(figures, 'A guest that keeps its state', [
      ...callColumns('noop', 'context'),
      ...callColumns('hello', 'context'),
      { title: 'host call', name: ({ entry, engine }) => hostCallName(entry.prefix, engine), show: median },
    ]),
    table(
      figures,
      'Fresh state for each call',
      [
        ...callColumns('noop', 'fresh'),
        ...callColumns('hello', 'fresh'),
        { title: 'all cores, hello/s', name: busiest, show: median },
      ],
      OURS.engines.map((engine) => ({ entry: OURS, engine, isMemoryReset: true })),
    ),
    echoTable(figures, 'Bytes there and back, a guest that keeps its state', 'context'),
    echoTable(figures, 'Bytes there and back, fresh state for each call', 'fresh'),
    table(figures, 'Beginning, memory, end', [
      ...pair('first answer', ({ entry, engine }) => firstAnswerName(entry.prefix, engine), median),
      memoryColumn('RSS (MiB)', 'rss'),
      memoryColumn('with the kernel (MiB)', 'total'),
      ...pair('loop ended (ms)', ({ entry, engine }) => stopName(entry.prefix, engine), millis),
    ]),
  ];
}

const median = ({ p50 }: Result) => figure(p50);
const late = ({ p99 }: Result) => figure(p99);
const millis = ({ p50 }: Result) => figure(p50 / 1000);

function callColumns(what: string, state: State): Column[] {
  const name = ({ entry, engine, isMemoryReset }: Row) =>
    callName(entry.prefix, isMemoryReset ? 'fresh-memory' : state, engine, what);
  const rate = ({ perSecond }: Result) => figure(perSecond);
  return [...pair(what, name, median), { title: `${what}/s`, name, show: rate }];
}

function pair(what: string, name: Column['name'], show: Column['show']): Column[] {
  const worst = show === median ? late : ({ p99 }: Result) => figure(p99 / 1000);
  return [
    { title: `${what} p50`, name, show },
    { title: 'p99', name, show: worst },
  ];
}

function memoryColumn(title: string, counted: 'rss' | 'total'): Column {
  return {
    title,
    name: ({ entry, engine }) => memoryName(entry.prefix, counted, engine),
    show: ({ p50 }) => figure(p50 / 1024),
  };
}

/** Ours can keep the cores busy in three ways, the others in one. */
function busiest({ entry: { prefix }, engine, isMemoryReset }: Row, figures: Figures): string {
  // All of them are measured with full resets.
  if (isMemoryReset) return '';
  const ways = (['processes', 'sandboxes', 'pool'] as const).map((by) => allCoresName(prefix, by, engine));
  return figures.busiest(ways);
}

function echoTable(figures: Figures, title: string, state: State): Table {
  const units = ['128 B', '1 KiB', '4 KiB', '64 KiB', '1 MiB'];
  const columns = ECHO_BYTES.map((byteCount, index) => ({
    title: `${units[index]} p50`,
    name: ({ entry, engine }: Row) => echoName(entry.prefix, state, engine, byteCount),
    show: median,
  }));
  return table(figures, title, columns);
}

/** Rows of which nothing is known, not even why, are left out: the run did not ask for them. */
function table(
  figures: Figures,
  title: string,
  columns: readonly Column[],
  ofOurs: readonly Row[] = [],
): Table {
  const notes: string[] = [];
  const noteOn = (entry: Entry, reason: string) => {
    // What jco cannot do it can on no Node.
    const text = `${entry.label.split(',')[0]}: ${reason}`;
    if (!notes.includes(text)) notes.push(text);
    return `no (${notes.indexOf(text) + 1})`;
  };
  const [ours, ...theirs] = [OURS, ...others()].map((entry) =>
    entry.engines.map((engine): Row => ({ entry, engine })),
  );
  const rows = [...ours!, ...ofOurs, ...theirs.flat()].map((row) => {
    const { entry, engine, isMemoryReset } = row;
    const cells = columns.map((column) => {
      const name = column.name(row, figures);
      const result = figures.get(name);
      if (result) return column.show(result);
      const reason = figures.reason(name);
      return reason === undefined ? '' : noteOn(entry, reason);
    });
    const label = isMemoryReset ? `${entry.label}, memory reset` : entry.label;
    return [label, ENGINE_LABELS[engine], entry.wall, ...cells];
  });
  return {
    title,
    head: ['in us where nothing else is said', 'guest', 'wall', ...columns.map(({ title }) => title)],
    rows: rows.filter((row) => row.slice(3).some((cell) => cell !== '')),
    notes,
    words: 3,
  };
}

export const ENGINE_LABELS: Readonly<Record<Engine, string>> = {
  rust: 'Rust',
  quickjs: 'QuickJS',
  starlingmonkey: 'StarlingMonkey',
  v8: 'V8',
};
