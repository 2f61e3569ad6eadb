// Owns what stands for vitest on the emulated machine, where starting vitest would take longer than the tests: as much
// of it as the tests use that run there, one test after the other. Prints a line for each, as Rust's tests do.
import { expect as plainExpect } from 'expect';

const queue = [];
let finishers = [];
let path = [];
let hooks = { before: [], after: [] };

export function expect(value, _message) {
  return plainExpect(value);
}

Object.setPrototypeOf(expect, plainExpect);
expect.fail = (message) => {
  throw new Error(message);
};

export function test(name, ...rest) {
  const run = rest.find((one) => typeof one === 'function');
  queue.push({ name: [...path, name].join(' > '), run, hooks });
}

test.each = (rows) => (name, run) => {
  for (const row of rows) {
    const values = Array.isArray(row) ? row : [row];
    test(name.replace('%s', String(values[0])), () => run(...values));
  }
};

export function describe(name, define) {
  const outer = { path, hooks };
  path = [...path, name];
  hooks = { before: [], after: [], outer: hooks };
  define();
  ({ path, hooks } = outer);
}

export const beforeAll = (run) => hooks.before.push(run);
export const afterAll = (run) => hooks.after.push(run);
export const onTestFinished = (run) => finishers.push(run);

/** Once all files are loaded. Answers how many failed. */
export async function runTests() {
  const begun = new Set();
  const failed = [];
  console.log(`\nrunning ${queue.length} tests`);
  for (const { name, run, hooks } of queue) {
    try {
      await begin(hooks, begun);
      finishers = [];
      await run();
      for (const finish of finishers.reverse()) await finish();
      console.log(`test ${name} ... ok`);
    } catch (error) {
      failed.push({ name, error });
      console.log(`test ${name} ... FAILED`);
    }
  }
  for (const { after } of begun) for (const run of after) await run();
  for (const { name, error } of failed) console.log(`\n---- ${name} ----\n${error?.stack ?? error}`);
  const outcome = failed.length === 0 ? 'ok' : 'FAILED';
  console.log(`\ntest result: ${outcome}. ${queue.length - failed.length} passed; ${failed.length} failed`);
  return failed.length;
}

/** What a test's blocks want done first, outermost first, each once. */
async function begin(hooks, begun) {
  if (begun.has(hooks)) return;
  if (hooks.outer) await begin(hooks.outer, begun);
  begun.add(hooks);
  for (const run of hooks.before) await run();
}
