// Owns the command line of the fuzzer on this side of the wall: `main.mjs TARGET RUNS SECONDS SEED [FOLDER...]`.
import { writeFileSync } from 'node:fs';
import { BrokenPromise, drive, TARGETS } from './drive.ts';

// Most inputs end with an error, and a stack costs more than the rest.
Error.stackTraceLimit = 0;

const [name, runs, seconds, seed, ...folders] = process.argv.slice(2);
const target = TARGETS.find((one) => one.name === name);
if (target === undefined) throw new Error(`there is no target ${name}`);
try {
  const run = { target, runs: Number(runs), seconds: Number(seconds), seed: Number(seed), folders };
  const done = await drive(run, (text) => console.log(text));
  console.log(`${target.name}: ${done} runs of seed ${seed}, and no promise broken`);
} catch (error) {
  if (!(error instanceof BrokenPromise)) throw error;
  const path = `crash-${target.name}`;
  writeFileSync(path, error.input);
  console.error(`${target.name}: ${error.cause}; the input that did it is in ${path}`);
  process.exitCode = 1;
}
