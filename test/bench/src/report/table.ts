// Owns how results look to people: rows of text, for the terminal and for Markdown.
import type { Result } from '../harness.js';
import type { Report } from './report.js';

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function floorsTable({ floors, floorsMin }: Report): Table {
  return {
    head: ['floor of this machine', 'p50 (us)', 'min (us)'],
    rows: [
      ['VM exit and entry, by `out` from ring 3', figure(floors.exitUs), figure(floorsMin.exitUs)],
      ['turn through shared memory, guest spinning', figure(floors.pingPongUs), figure(floorsMin.pingPongUs)],
      [
        'new VM, vCPU and memory slot, to its first exit',
        figure(floors.createUs),
        figure(floorsMin.createUs),
      ],
    ],
  };
}

export function resultsTable({ results, floors }: Report): Table {
  return {
    head: ['what', 'unit', 'p50', 'p99', 'min', 'per second', 'n', 'p50 / exit floor'],
    rows: results.map((result) => [
      result.name,
      result.unit,
      figure(result.p50),
      figure(result.p99),
      figure(result.min),
      figure(result.perSecond),
      String(result.n),
      isCall(result) ? (result.p50 / floors.exitUs).toFixed(2) : '',
    ]),
  };
}

/** The exit floor is what one call cannot go below where each call leaves the VM once. */
function isCall({ name }: Result): boolean {
  return /(^|\/)(call|host-call)\//.test(name);
}

export function asText({ head, rows }: Table): string {
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]!.length), title.length),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

export function asMarkdown({ head, rows }: Table): string {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '--:'))), ...rows.map(line)].join(
    '\n',
  );
}

/** Three digits are all that repeated runs agree on. */
function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(value >= 10 ? 1 : 2);
}
