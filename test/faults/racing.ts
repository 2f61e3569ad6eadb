// Owns the rows of guests that answer and never rest: what they said changes while the host reads it, or after.
import { type Ground, LIMITS, SHORT_MS } from './ground.js';
import { allowed, answer, breach, failure, type Outcome, outcomeOf, type Row, timeout } from './rows.js';

/** What comes of it is a matter of moments. */
const ROUNDS = 12;

const protocol = (why: string): Outcome =>
  failure('ERR_HL_PROTOCOL', `the result of attack is no value of its type: ${why}`);

/** What it said first: it has found nothing. */
const HONEST = answer('nothing');
const TIMEOUT = timeout(SHORT_MS);
const VAIN = breach('rang without an answer');

/** By their numbers: see `Lingering` in the guest's attack.rs. */
const WAYS: [name: string, allowed: Outcome[]][] = [
  ['jumps for ever', [HONEST]],
  ['rings for ever', [HONEST, VAIN]],
  // With a word in between, now and then, which takes the answer's place.
  ['faults for ever', [HONEST, TIMEOUT]],
  ['writes to its memory for ever', [HONEST]],
  ['answers the same again and again', [HONEST]],
  // Its answer may be gone before the host has looked.
  ['answers what the host says next', [HONEST, TIMEOUT, VAIN]],
  ['answers what the host never said', [HONEST, TIMEOUT, VAIN]],
  [
    'changes how long its answer is',
    [
      HONEST,
      protocol('4092 bytes too many'),
      protocol('1048572 bytes too many'),
      breach('claims 4294967295 bytes in a window of 1052672'),
    ],
  ],
  [
    'changes what its answer is',
    [
      HONEST,
      TIMEOUT,
      breach('sent a message of unknown kind 0'),
      breach('sent a message of unknown kind 10'),
      breach('answered out of turn'),
      breach('failed in an unknown way: 0'),
      breach('asked for more of a message than there is'),
      breach('printed to stream 0'),
      failure('ERR_HL_GUEST_PANIC', 'attack: the program inside the VM failed: \0\0\0\0'),
    ],
  ],
];

/** Several times: what came of it that must not. */
const rounds =
  (way: number, expected: Outcome[]): Row['attempt'] =>
  async (ground: Ground) => {
    // Where the host finds an answer, it does so however long that takes on this machine.
    const timeoutMs = expected.includes(TIMEOUT) ? SHORT_MS : LIMITS.timeoutMs;
    const attack = ground.attacked.with({ timeoutMs }).exports.attack;
    const wrong: Outcome[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const answered = attack('Linger', BigInt(way), 0n, 0n, new Uint8Array());
      const outcome = await outcomeOf(answered.then((found: Uint8Array) => describe(found)));
      if (!allowed({ oneOf: expected }).some((one) => JSON.stringify(one) === JSON.stringify(outcome))) {
        wrong.push(outcome);
      }
    }
    return wrong;
  };

const describe = (found: Uint8Array): string => (found.length === 0 ? 'nothing' : `${found.length} bytes`);

export const racing: Row[] = WAYS.map(([name, expected], way) => ({
  name,
  attempt: rounds(way, expected),
  expected: answer([]),
  afterwards: 'either',
}));
