// Owns `console.table`: what has rows and columns, drawn as Node.js draws it.
import { inspect } from './inspect.js';

const INDEX = '(index)';
const VALUES = 'Values';

interface Row {
  index: string;
  cells: Map<string, string>;
}

/** Nothing where the data has no rows: it is shown like any other value. */
export function table(data: unknown, columns?: readonly string[]): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const rows = rowsOf(data).map(([index, value]) => ({ index, cells: cellsOf(value) }));
  const found = new Set(rows.flatMap(({ cells }) => [...cells.keys()]));
  const hasValues = found.delete(VALUES);
  const shown = columns ?? [...found];
  return drawn(rows, [...shown, ...(hasValues && columns === undefined ? [VALUES] : [])]);
}

function rowsOf(data: object): [string, unknown][] {
  if (data instanceof Map)
    return [...data].map(([key, value], at) => [String(at), { Key: key, [VALUES]: value }]);
  if (data instanceof Set) return [...data].map((value, at) => [String(at), value]);
  return Object.entries(data);
}

/** A cell shows a value in short: what lies deeper is left out. */
function cellsOf(value: unknown): Map<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[VALUES, shownIn(value)]]);
  return new Map(Object.entries(value).map(([key, each]) => [key, shownIn(each)]));
}

const DEPTH = 3;

function shownIn(value: unknown): string {
  return inspect(value, DEPTH).replaceAll('\n', ' ');
}

function drawn(rows: readonly Row[], columns: readonly string[]): string {
  const lines = [
    [INDEX, ...columns],
    ...rows.map(({ index, cells }) => [index, ...columns.map((each) => cells.get(each) ?? '')]),
  ];
  const widths = [INDEX, ...columns].map(
    (_, at) => Math.max(...lines.map((line) => widthOf(line[at] as string))) + 2,
  );
  const rule = (left: string, middle: string, right: string) =>
    left + widths.map((width) => '─'.repeat(width)).join(middle) + right;
  const row = (cells: readonly string[]) =>
    `│${cells.map((cell, at) => padded(cell, widths[at] as number)).join('│')}│`;
  const [head = [], ...body] = lines;
  return [rule('┌', '┬', '┐'), row(head), rule('├', '┼', '┤'), ...body.map(row), rule('└', '┴', '┘')].join(
    '\n',
  );
}

function padded(cell: string, width: number): string {
  return ` ${cell}${' '.repeat(width - widthOf(cell) - 1)}`;
}

/** In characters, as far as one takes one place. */
function widthOf(text: string): number {
  return [...text].length;
}
