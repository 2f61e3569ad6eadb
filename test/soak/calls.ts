// Owns the calls of one turn that answer: from fresh state, in contexts, with host functions, resources and files.
import { randomBytes } from 'node:crypto';
import type { Sandbox } from '@hl/host';
import { type Cast, FILE_TEXT } from './cast.js';
import type { Counts } from './counts.js';

const SMALL = randomBytes(16 << 10);
const MEDIUM = randomBytes(64 << 10);
/** More than the mailbox takes at once. */
const LARGE = randomBytes(2 << 20);

const PEOPLE = [
  { name: 'Ann', age: 30, tags: ['a', 'b'], home: [1, 2] as const },
  { name: 'Bo', tags: [], home: [3, 4] as const },
];

export async function makeCalls(cast: Cast, counts: Counts): Promise<void> {
  await directly(cast, counts);
  await payloads(cast, counts);
  await contexts(cast, counts);
  await hostFunctions(cast, counts);
  await atOnce(cast, counts);
  for (let time = 0; time < 3; time++) await resources(cast.handles, counts);
  await programs(cast, counts);
}

/** Direct calls of the smallest guest, until there were so many calls. */
export async function fillUp({ counter, counterMemory }: Cast, counts: Counts, calls: number): Promise<void> {
  while (counts.calls < calls) {
    await counts.call((counts.calls % 2 === 0 ? counter : counterMemory).exports.next(), 1);
  }
}

async function directly(cast: Cast, counts: Counts): Promise<void> {
  for (const { exports } of [cast.conformance, cast.conformanceMemory]) {
    const { run } = exports;
    for (let time = 0; time < 40; time++) await counts.call(run.hello('you'), 'Hello, you!');
    for (let time = 0; time < 10; time++) await counts.call(run.add(time, 2), time + 2);
    await counts.call(run.counterNext(), 1);
    await counts.call(run.print('printed'), undefined);
    for (const code of [1, 2, 3]) await counts.failure(exports.echo.fail(code), 'ERR_HL_WIT');
  }
  // What grows is made anew.
  await counts.call(cast.conformance.exports.run.grow(4n << 20n), true);
  if (cast.takeOutput() !== 'printed\nprinted\n') throw new Error('what was printed is not what came');
}

async function payloads({ conformance, conformanceMemory }: Cast, counts: Counts): Promise<void> {
  const { echo } = conformance.exports;
  for (let time = 0; time < 6; time++) await counts.call(echo.echoBytes(SMALL), new Uint8Array(SMALL));
  for (let time = 0; time < 3; time++) await counts.call(echo.echoBytes(MEDIUM), new Uint8Array(MEDIUM));
  await counts.call(conformanceMemory.exports.echo.echoBytes(LARGE), new Uint8Array(LARGE));
  for (let time = 0; time < 5; time++) {
    const people = await counts.answer(echo.echoPeople(PEOPLE) as Promise<typeof PEOPLE>);
    if (people.map(({ name }) => name).join() !== 'Ann,Bo') throw new Error('other people came back');
  }
}

async function contexts(cast: Cast, counts: Counts): Promise<void> {
  for (const sandbox of [cast.counter, cast.counter, cast.counterMemory]) {
    const context = await sandbox.context();
    for (let time = 1; time <= 10; time++) await counts.call(context.exports.next(), time);
    await context.finish();
    counts.contexts++;
  }
  const context = await cast.pool.context();
  for (let time = 1; time <= 10; time++) await counts.call(context.exports.run.counterNext(), time);
  await context.finish();
  counts.contexts++;
}

async function hostFunctions({ conformance, conformanceMemory }: Cast, counts: Counts): Promise<void> {
  for (const { exports } of [conformance, conformanceMemory]) {
    const { run } = exports;
    for (let time = 0; time < 10; time++) await counts.call(run.hostAdd(3), 3);
    for (let time = 0; time < 5; time++) await counts.call(run.hostTransform('text'), 'TEXT');
    for (let time = 0; time < 5; time++) await counts.call(run.hostDescribe(PEOPLE), 'Ann,Bo');
    await counts.call(run.hostNotify(), undefined);
  }
}

async function atOnce({ pool }: Cast, counts: Counts): Promise<void> {
  for (let batch = 0; batch < 5; batch++) {
    const names = Array.from({ length: 8 }, (_, index) => `${batch}.${index}`);
    await Promise.all(names.map((name) => counts.call(pool.exports.run.hello(name), `Hello, ${name}!`)));
  }
}

async function resources(handles: Sandbox, counts: Counts): Promise<void> {
  const context = await handles.context();
  const { buckets, users } = context.exports;
  const bucket = await counts.answer(buckets.Bucket.create('one') as Promise<Bucket>);
  await counts.call(bucket.put('key', 'value'), undefined);
  await counts.call(bucket.get('key'), 'value');
  await bucket[Symbol.asyncDispose]();
  // These end with the context.
  await counts.answer(buckets.many(3));
  await counts.call(users.dial('there', 'text'), 'there: text');
  await counts.call(users.visit('there'), '<there>');
  await context.finish();
  counts.contexts++;
  counts.resources += 4;
}

interface Bucket extends AsyncDisposable {
  put(key: string, value: string): Promise<void>;
  get(key: string): Promise<string | undefined>;
}

async function programs(cast: Cast, counts: Counts): Promise<void> {
  const { reader, lines } = cast.programs;
  for (const [program, expected] of [
    [reader, FILE_TEXT],
    [lines, '> one\n> two\n'],
  ] as const) {
    await counts.call(program.exports['wasi:cli/run'].run(), undefined);
    if (cast.takeOutput() !== expected)
      throw new Error(`a program printed something else than ${expected.slice(0, 20)}`);
    counts.programs++;
  }
}
