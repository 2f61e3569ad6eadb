// Owns what a profile looks like to people.
import { askedOf, GLUE_ASKED } from '../report/asked.js';
import { figure, type Table } from '../report/table.js';
import type { Measured } from './budget.js';
import { HOST_CALLS } from './cells.js';
import type { CpuProfile } from './cpu.js';
import type { Allocation } from './heap.js';

/** One JSON object, from which the tables are made. */
export interface ProfileReport extends Measured {
  readonly cell: string;
  /** Of this machine: a VM exit, and a turn through shared memory; medians in microseconds. */
  readonly floors: { readonly exitUs: number; readonly pingPongUs: number };
  readonly cpu: CpuProfile;
  readonly allocation: Allocation;
}

export function profileTables(report: ProfileReport): Table[] {
  return [budgetTable(report), partsTable(report), functionsTable(report), allocationTable(report)];
}

function budgetTable({ cell, whole, budget, answeredInPlace, floors }: ProfileReport): Table {
  const row = (what: string, micros: number, asked?: number) => [
    what,
    figure(micros),
    asked === undefined ? '' : figure(asked),
  ];
  const piece = (what: string, micros: number) =>
    answeredInPlace === 0 ? [what, 'none', ''] : row(what, micros);
  const hostCalls = cell.startsWith('host-call/') ? `, with ${HOST_CALLS} host calls` : '';
  return {
    title: `One call of ${cell}${hostCalls}`,
    head: ['what', 'p50 (us)', 'asked'],
    rows: [
      row('floor: an empty async function, awaited', budget.emptyAsync),
      row('floor: an add-on function that has nothing to do', budget.crossing),
      row('floor: a turn through shared memory', floors.pingPongUs),
      row('floor: a VM exit', floors.exitUs),
      piece('checks, arguments into bytes', budget.encode),
      piece('add-on and VM', budget.addOn),
      piece('  in the VM', budget.vm),
      piece('    until it was awake', budget.wake),
      piece('    guest', budget.guest),
      piece('  crossings and copies', budget.copies),
      piece('host functions, with their values', budget.host),
      piece('bytes into values, count', budget.decode),
      piece('promise, until its caller goes on', budget.promise),
      row('the call as it is, unwatched', whole.p50, askedOf(cell)),
      row('  without the VM', budget.outside, GLUE_ASKED.get(cell.split('/').at(-1)!)),
    ],
    notes: [
      `unwatched: p99 ${figure(whole.p99)} us, n ${whole.n}; ${(answeredInPlace * 100).toFixed(1)} % of the watched calls were answered while their caller waited: the pieces are theirs`,
    ],
  };
}

function partsTable({ cpu: { parts, counted, calls, microsPerCall } }: ProfileReport): Table {
  const { queueMicros, wakeMicros, guestMicros, hostMicros } = counted;
  return {
    title: 'CPU: where this thread was',
    head: ['part', 'us per call', 'share'],
    rows: parts.map(({ part, microsPerCall, share }) => [
      part,
      figure(microsPerCall),
      share === 0 ? '' : percent(share),
    ]),
    notes: [
      `the share is of what is neither idle nor in the add-on; means over ${calls} calls of ${figure(microsPerCall)} us under the sampler, slow ones included`,
      `by the sandbox's own count, on any thread: queue ${figure(queueMicros)}, wake ${figure(wakeMicros)}, guest ${figure(guestMicros)}, host functions ${figure(hostMicros)} us`,
    ],
  };
}

function functionsTable({ cpu }: ProfileReport): Table {
  return {
    title: 'CPU: functions by self time',
    head: ['function', 'where', 'us per call', 'share'],
    rows: cpu.functions.map(({ name, at, microsPerCall, share }) => [
      name,
      at,
      figure(microsPerCall),
      percent(share),
    ]),
    words: 2,
  };
}

function allocationTable({ allocation }: ProfileReport): Table {
  const { functions, bytesPerCall, bufferBytesPerCall, calls } = allocation;
  return {
    title: 'Allocation: functions by what they make themselves',
    head: ['function', 'where', 'bytes per call'],
    rows: functions.map(({ name, at, bytesPerCall }) => [name, at, figure(bytesPerCall)]),
    notes: [
      `all together ${figure(bytesPerCall)} bytes of JavaScript heap for each call, and ${figure(bufferBytesPerCall)} of array buffers; functions are samples of ${calls} calls`,
    ],
    words: 2,
  };
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
