// What is fuzzed of the whole path: a guest in a real VM, in the runtime's place, that answers and calls the host with
// what an input says, through the add-on and the codec, up to the public API.
import { readdirSync } from 'node:fs';
import type { HyperlightError, Sandbox } from '../../src/index.ts';
import { ANSWERING } from './answer/functions.ts';
import { type Course, judge, outcomeOf } from './answer/judge.ts';
import { type Forged, type Plan, type PlannedCall, sceneOf } from './answer/plan.ts';
import { type Attacked, Stage } from './answer/stage.ts';
import { Wire } from './answer/wire.ts';
import type { FuzzTarget } from './target.ts';

/** No input takes as long: an answer that never comes is a fault. */
const PATIENCE_MS = 120_000;
const BETWEEN_PINGS = 256;
const BETWEEN_MEASURES = 16_384;
/** What a process may hold more than when it was measured first. */
const GROWTH_BYTES_MAX = 256 << 20;
const GROWTH_DESCRIPTORS_MAX = 64;

/** The last ten are honest: a VM whose guest lied is replaced, which takes as long as dozens of calls. */
const SEEDED_WAYS = 16;
const SEED_BYTES = 64;

/** The sandboxes, and what is counted while they are open. */
class Show {
  readonly #stage: Stage;
  #inputs = 0;
  #first: { readonly bytes: number; readonly descriptors: number } | undefined;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async play(input: Uint8Array): Promise<void> {
    const { plans, inContext } = sceneOf(input);
    const attacked = this.#stage.next();
    if (inContext) await inAContext(attacked, plans);
    else for (const plan of plans) await perform(attacked, attacked.sandbox.exports, plan, newCourse());
    this.#inputs++;
    if (this.#inputs % BETWEEN_PINGS === 0) await this.#stage.checkWellBeing();
    if (this.#inputs % BETWEEN_MEASURES === 0) this.#measure();
  }

  close(): Promise<void> {
    return this.#stage.close();
  }

  #measure(): void {
    const bytes = process.memoryUsage.rss();
    const descriptors = readdirSync('/proc/self/fd').length;
    this.#first ??= { bytes, descriptors };
    if (bytes - this.#first.bytes > GROWTH_BYTES_MAX)
      throw new Error(`the process grew from ${this.#first.bytes} to ${bytes} bytes`);
    if (descriptors - this.#first.descriptors > GROWTH_DESCRIPTORS_MAX)
      throw new Error(`the process went from ${this.#first.descriptors} to ${descriptors} descriptors`);
  }
}

async function inAContext(attacked: Attacked, plans: readonly Plan[]): Promise<void> {
  const context = await attacked.sandbox.context();
  const course = newCourse();
  for (const plan of plans) {
    const exports = plan.isInterface ? context.exports.tokens : context.exports;
    await perform(attacked, exports, plan, course);
  }
  await context.finish();
}

const newCourse = (): Course => ({ hasEnded: false, isAstray: false, tokens: new Set() });

async function perform(
  attacked: Attacked,
  exports: Sandbox['exports'],
  plan: Plan,
  course: Course,
): Promise<void> {
  const { host, importNumber } = attacked;
  const numberOf = (one: PlannedCall['host']): number =>
    typeof one === 'number' ? one : importNumber(one.name);
  const calls = plan.calls.map((one) => [numberOf(one.host), one.args]);
  const messages = scriptOf(plan.forged, importNumber);
  course.isAstray ||= plan.forged.length > 0;
  host.begin();
  const outcome = await outcomeOf(exports[plan.function.name](calls, plan.reply, messages));
  host.end();
  judge(plan, host.heard, outcome, course);
  if (outcome.returned) return;
  const { code } = outcome.thrown as HyperlightError;
  if (code === 'ERR_HL_PROTOCOL' || code === 'ERR_HL_BREACH') attacked.lies++;
  // The err case of a result is an answer like any other.
  if (code !== 'ERR_HL_WIT') course.hasEnded = true;
}

/** As the guest reads it: each message leaves the VM, with the number that it should have. */
function scriptOf(messages: readonly Forged[], importNumber: Attacked['importNumber']): Uint8Array {
  const wire = new Wire();
  for (const { kind, argument, detail, claims, payload } of messages) {
    const number = typeof argument === 'string' ? importNumber(argument) : argument;
    for (const word of [0, 0, kind, number, detail, claims, 0, 0, 0, 0, payload.length]) wire.u32(word);
    wire.raw(payload);
  }
  return wire.bytes();
}

let show: Show | undefined;

export const answer: FuzzTarget = {
  name: 'answer',
  inputBytesMax: 384,
  vm: { runsInTests: 3_000 },
  seeds: () =>
    ANSWERING.flatMap((_, which) =>
      Array.from({ length: SEEDED_WAYS }, (_way, way) =>
        Uint8Array.from({ length: SEED_BYTES }, (_byte, index) =>
          index === 0 ? way : index === 1 ? which : (index * (which * 2 + 1) * 37 + way * 11) % 251,
        ),
      ),
    ),
  async open() {
    show = new Show(await Stage.open());
  },
  async close() {
    await show?.close();
    show = undefined;
  },
  async run(input) {
    if (show === undefined) throw new Error('it was not opened');
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('no answer came')), PATIENCE_MS);
    });
    try {
      await Promise.race([show.play(input), deadline]);
    } finally {
      clearTimeout(timer);
    }
  },
};
