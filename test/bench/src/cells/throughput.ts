// Owns the cells that count calls in fresh state while all cores are kept busy.
import type { BenchExports, Subject } from '../contestants/contestant.js';
import { type Cell, check } from './cell.js';

const SLICE_MS = 100;

/** Who answers, and how many callers wait for it at any time. */
export interface Server extends Pick<BenchExports, 'hello'> {
  readonly callers: number;
  settle?(): Promise<void>;
  /** How often state was made new, where that can be asked. */
  renewals?(): Promise<number>;
}

export function throughputCell(name: string, servers: readonly Server[]): Cell {
  let answered = 0;
  let before: number | undefined;
  const renewals = async () => {
    const counts = await Promise.all(servers.map((server) => server.renewals?.()));
    return counts.includes(undefined) ? undefined : counts.reduce<number>((sum, count) => sum + count!, 0);
  };
  return {
    name,
    unit: 'calls/s',
    samples: 30,
    warmUps: 1,
    async begin() {
      answered = 0;
      before = await renewals();
    },
    async sample(turn) {
      const started = performance.now();
      const end = started + SLICE_MS;
      const callers = servers.flatMap((server) => Array.from({ length: server.callers }, () => server));
      const counts = await Promise.all(
        callers.map((server, caller) => callUntil(end, name, server, `${turn}.${caller}`)),
      );
      const calls = counts.reduce((sum, count) => sum + count, 0);
      answered += calls;
      return (calls * 1000) / (performance.now() - started);
    },
    async verify() {
      if (before !== undefined) check(`renewals of ${name}`, (await renewals())! - before, answered);
    },
  };
}

async function callUntil(end: number, name: string, server: Server, caller: string): Promise<number> {
  let calls = 0;
  while (performance.now() < end) {
    const answer = await server.hello(`${caller}.${calls}`);
    check(name, answer, `Hello, ${caller}.${calls}!`);
    if (server.settle) await server.settle();
    calls += 1;
  }
  return calls;
}

/** One subject, called by so many at a time. */
export function serverOf(subject: Subject, callers: number): Server {
  const { fresh } = subject;
  return {
    callers,
    hello: (name) => fresh.hello(name),
    renewals: () => subject.renewals(),
    ...(subject.settle && { settle: () => subject.settle!() }),
  };
}
