// A measuring process: makes the cells of one job, and takes batches of them as its parent asks.
import { LocalCell } from './cells/batch.js';
import { messageOf } from './cells/cell.js';
import { contestantOf } from './contestants/list.js';
import type { Answer, Job, Request } from './process/job.js';
import { plan } from './process/parts.js';
import { Planner } from './process/planner.js';

let cells: readonly LocalCell[] = [];

process.on('message', (request: Request) => {
  serve(request).then(answer, (error: unknown) =>
    answer({
      kind: 'failed',
      error: error instanceof Error ? (error.stack ?? error.message) : messageOf(error),
    }),
  );
});
process.on('disconnect', () => process.exit(0));

async function serve(request: Request): Promise<Answer> {
  switch (request.kind) {
    case 'start':
      return start(request.job);
    case 'take':
      return { kind: 'taken', batch: await cells[request.cell]!.take(request.size) };
  }
}

async function start(job: Job): Promise<Answer> {
  const planner = new Planner(job.only);
  await plan(planner, await contestantOf(job.prefix), job);
  cells = planner.cells.map((cell) => new LocalCell(cell));
  const shapes = planner.cells.map(({ name, unit, samples, warmUps }) => ({ name, unit, samples, warmUps }));
  return { kind: 'started', cells: shapes, unavailable: planner.unavailable };
}

function answer(message: Answer): void {
  process.send!(message);
}
