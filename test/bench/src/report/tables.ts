// Owns the tables about this machine, the targets, and every single result.
import type { Result } from '../harness.js';
import type { Report } from './report.js';
import { figure, type Table } from './table.js';

export function floorsTable({ floors, floorsMin }: Report): Table {
  const row = (what: string, floor: keyof Report['floors']) => [
    what,
    figure(floors[floor]),
    figure(floorsMin[floor]),
  ];
  return {
    title: 'Floors of this machine',
    head: ['floor', 'p50 (us)', 'min (us)'],
    rows: [
      row('VM exit and entry, by `out` from ring 3', 'exitUs'),
      row('turn through shared memory, guest spinning', 'pingPongUs'),
      row('new VM, vCPU and memory slot, to its first exit', 'createUs'),
      row('memcpy of 1 MiB', 'memcpyUs'),
    ],
  };
}

export function targetsTable({ targets }: Report): Table {
  const verdict = (met: boolean | undefined) => (met === undefined ? '' : met ? 'yes' : 'no');
  return {
    title: 'Targets',
    head: ['what (p50)', 'asked', 'measured', 'met'],
    rows: targets.map(({ what, asked, measured, met }) => [what, asked, measured, verdict(met)]),
    words: 4,
  };
}

export function resultsTable({ results, floors }: Report): Table {
  return {
    title: 'All results',
    head: ['what', 'unit', 'p50', 'p99', 'min', 'per second', 'n', 'p50 / exit floor'],
    rows: results.map((result) => [
      result.name,
      result.unit,
      figure(result.p50),
      figure(result.p99),
      figure(result.min),
      isRate(result) ? figure(result.perSecond) : '',
      String(result.n),
      isOurCall(result) ? (result.p50 / floors.exitUs).toFixed(2) : '',
    ]),
  };
}

/** How often one can be had in a second means nothing for pages and bytes. */
function isRate({ unit }: Result): boolean {
  return unit === 'us' || unit === 'calls/s';
}

/** The exit floor is what one call cannot go below where each call leaves the VM once. */
function isOurCall({ name }: Result): boolean {
  return /^(call|host-call)\//.test(name);
}
