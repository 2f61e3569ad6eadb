// Owns what the command does with its options, and what it says about it.
import { createRequire } from 'node:module';
import { BindgenError } from '../errors.js';
import { commandOf, generate } from '../generate.js';
import { shown } from '../source.js';
import { firstDifference } from './difference.js';
import { type CommandOptions, HELP, parseCommand, UsageError } from './options.js';
import { watch } from './watch.js';

export interface Output {
  out(line: string): unknown;
  err(line: string): unknown;
}

/**
 * Runs one command line and answers the exit code: 0, 1 for failures and stale files, 2 for wrong usage.
 * `signal` ends `--watch`.
 */
export async function run(args: readonly string[], output: Output, signal?: AbortSignal): Promise<number> {
  let options: ReturnType<typeof parseCommand>;
  try {
    options = parseCommand(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    output.err(`hl-bindgen: ${error.message}\n\n${HELP}`);
    return 2;
  }
  if (options === 'help') {
    output.out(HELP);
    return 0;
  }
  if (options === 'version') {
    output.out((createRequire(import.meta.url)('@hl/bindgen/package.json') as { version: string }).version);
    return 0;
  }
  const command = options;
  const once = () => generateOnce(command, output);
  return command.watch ? watch(command.wit, once, output, signal) : once();
}

async function generateOnce(options: CommandOptions, output: Output): Promise<number> {
  try {
    const { files } = await generate(options);
    const stale = files.filter(({ was }) => was !== 'same');
    for (const { path, was, present, text } of files) {
      if (was === 'same') output.out(`${shown(path)} is up to date`);
      else if (!options.check) output.out(`${shown(path)} written`);
      else if (present === undefined) output.err(`${shown(path)} is missing`);
      else output.err(`${shown(path)} is stale, ${firstDifference(present, text)}`);
    }
    if (!options.check || stale.length === 0) return 0;
    output.err(`run: ${commandOf(shown(options.wit), options)}`);
    return 1;
  } catch (error) {
    if (!(error instanceof BindgenError)) throw error;
    output.err(`hl-bindgen: ${error.message}`);
    return 1;
  }
}
