// Owns the isolated WASI that a guest under jco gets: nothing granted, text to the host, time and chance from Node.
import { randomBytes } from 'node:crypto';
import {
  type FunctionDescriptor,
  resolve,
  type TypeDescriptor,
  type WorldDescriptor,
} from '../../descriptor.js';
import { lowerCamel, upperCamel } from '../../names.js';
import { emptyOf } from './empty.js';
import type { Host } from './host.js';
import { Stop } from './stop.js';
import { type Answer, answerOf } from './wasi-names.js';

type Callable = (this: unknown, ...args: unknown[]) => unknown;
export type ImportObject = Record<string, Record<string, unknown>>;
type Class = new () => object;

const NANOS_PER_MS = 1_000_000n;
const NANOS_PER_S = 1_000_000_000n;
/** What an output stream takes at once. */
const WRITE_BYTES_MAX = 64n << 10n;
const WAIT_MS_MAX = 2 ** 31;

/** Which stream of the process an output stream is, and when a pollable is ready. */
const streams = new WeakMap<object, 1 | 2>();
const deadlines = new WeakMap<object, bigint>();

export function isolatedWasi(descriptor: WorldDescriptor, host: Host): ImportObject {
  const { types, imports } = descriptor;
  const classes = new Map<string, Class>();
  const classOf = (index: number): Class => {
    const { owner, name } = types[index]!;
    const key = `${owner}/${name}`;
    // A class for each: jco tells resources apart by their classes.
    const found = classes.get(key) ?? class {};
    classes.set(key, found);
    return found;
  };
  const services = servicesOf(host, (name) => {
    const index = types.findIndex((one) => one.kind === 'resource' && one.name === name && isWasi(one));
    return index < 0 ? {} : new (classOf(index))();
  });
  const all: ImportObject = {};
  for (const { name, functions, types: own } of imports) {
    if (name === null || !name.startsWith('wasi:')) continue;
    const members: Record<string, unknown> = {};
    all[name] = members;
    for (const index of own) {
      const type = types[index]!;
      if (type.kind === 'resource') members[upperCamel(type.name!)] = classOf(index);
    }
    for (const one of functions) {
      const answer = answerOf(name, one.name);
      if (answer !== undefined) place(members, one, answererOf(types, one, answer, services, name, classOf));
    }
  }
  return all;
}

const isWasi = ({ owner }: TypeDescriptor): boolean => owner?.startsWith('wasi:') ?? false;

function place(members: Record<string, unknown>, { name, kind }: FunctionDescriptor, run: Callable): void {
  if (kind === 'function') {
    members[lowerCamel(name)] = run;
    return;
  }
  const [, resource, method] = /^\[\w+\]([^.]+)(?:\.(.+))?$/.exec(name)!;
  const classOf = members[upperCamel(resource!)] as Class & Record<string, unknown>;
  if (kind === 'method') Object.defineProperty(classOf.prototype, lowerCamel(method!), { value: run });
  else if (kind === 'static') Object.defineProperty(classOf, lowerCamel(method!), { value: run });
}

type Services = ReadonlyMap<string, Callable>;

function answererOf(
  types: readonly TypeDescriptor[],
  one: FunctionDescriptor,
  answer: Answer,
  services: Services,
  interfaceName: string,
  classOf: (index: number) => Class,
): Callable {
  if (answer.kind === 'refused') {
    const payload = refusal(types, one, answer.as);
    return () => {
      throw Object.assign(new Error(answer.as), { payload });
    };
  }
  const name = interfaceName.slice('wasi:'.length, interfaceName.indexOf('@'));
  const service = answer.kind === 'served' ? services.get(`${name}#${one.name}`) : undefined;
  return service ?? (() => emptyOf(types, one.result, classOf, 'function'));
}

/** As the err type has it: an enum's case is its name, a variant's an object. */
function refusal(types: readonly TypeDescriptor[], { result }: FunctionDescriptor, as: string): unknown {
  const type = result === undefined ? undefined : resolve(types, result);
  const err = typeof type === 'object' && type.kind === 'result' ? type.err : undefined;
  const kind = err === undefined ? undefined : resolve(types, err);
  return typeof kind === 'object' && kind.kind === 'variant' ? { tag: as } : as;
}

function servicesOf(host: Host, make: (resource: string) => object): Services {
  const output = (stream: 1 | 2) => (): object => {
    const made = make('output-stream');
    streams.set(made, stream);
    return made;
  };
  const pollable = (atNanos: bigint): object => {
    const made = make('pollable');
    deadlines.set(made, atNanos);
    return made;
  };
  const write: Callable = function (bytes) {
    host.write(streams.get(this as object) ?? 1, bytes as Uint8Array);
  };
  const zeroes: Callable = function (count) {
    if ((count as bigint) > WRITE_BYTES_MAX)
      throw new Stop({ code: 'trap', trap: 'other', message: 'more zeroes than permitted', stack: '' });
    write.call(this, new Uint8Array(Number(count)));
  };
  const number: Callable = () => randomBytes(8).readBigUInt64LE();
  const bytes: Callable = (count) => new Uint8Array(randomBytes(Number(count)));
  return new Map<string, Callable>([
    ['cli/exit#exit', (status) => exit((status as { tag: string }).tag === 'ok' ? 0 : 1)],
    ['cli/exit#exit-with-code', (status) => exit(status as number)],
    ['cli/stdin#get-stdin', () => make('input-stream')],
    ['cli/stdout#get-stdout', output(1)],
    ['cli/stderr#get-stderr', output(2)],
    ['clocks/monotonic-clock#now', () => process.hrtime.bigint()],
    ['clocks/monotonic-clock#resolution', () => 1n],
    ['clocks/monotonic-clock#subscribe-instant', (at) => pollable(at as bigint)],
    [
      'clocks/monotonic-clock#subscribe-duration',
      (nanos) => pollable(process.hrtime.bigint() + (nanos as bigint)),
    ],
    ['clocks/wall-clock#now', () => wallClock()],
    ['clocks/wall-clock#resolution', () => ({ seconds: 0n, nanoseconds: Number(NANOS_PER_MS) })],
    [
      'io/poll#[method]pollable.ready',
      function () {
        return isReady(this as object);
      },
    ],
    [
      'io/poll#[method]pollable.block',
      function () {
        waitFor([this as object]);
      },
    ],
    ['io/poll#poll', (all) => waitFor(all as object[])],
    ['io/streams#[method]input-stream.subscribe', () => pollable(0n)],
    ['io/streams#[method]output-stream.subscribe', () => pollable(0n)],
    ['io/streams#[method]output-stream.check-write', () => WRITE_BYTES_MAX],
    ['io/streams#[method]output-stream.write', write],
    ['io/streams#[method]output-stream.blocking-write-and-flush', write],
    ['io/streams#[method]output-stream.write-zeroes', zeroes],
    ['io/streams#[method]output-stream.blocking-write-zeroes-and-flush', zeroes],
    ['random/random#get-random-bytes', bytes],
    ['random/random#get-random-u64', number],
    ['random/insecure#get-insecure-random-bytes', bytes],
    ['random/insecure#get-insecure-random-u64', number],
    ['random/insecure-seed#insecure-seed', () => [number(), number()]],
  ]);
}

function exit(status: number): never {
  throw new Stop({ code: 'exit', message: `exit ${status}`, status });
}

function wallClock(): { seconds: bigint; nanoseconds: number } {
  const nanos = BigInt(Date.now()) * NANOS_PER_MS;
  return { seconds: nanos / NANOS_PER_S, nanoseconds: Number(nanos % NANOS_PER_S) };
}

const isReady = (pollable: object): boolean => (deadlines.get(pollable) ?? 0n) <= process.hrtime.bigint();

const never = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Waits until one is ready, and answers which are. The main thread ends what waits for too long. */
function waitFor(pollables: readonly object[]): Uint32Array {
  for (;;) {
    const ready = pollables.flatMap((one, index) => (isReady(one) ? [index] : []));
    if (ready.length > 0) return Uint32Array.from(ready);
    const now = process.hrtime.bigint();
    const waits = pollables.map((one) => Number(((deadlines.get(one) ?? 0n) - now) / NANOS_PER_MS) + 1);
    Atomics.wait(never, 0, 0, Math.min(...waits, WAIT_MS_MAX));
  }
}
