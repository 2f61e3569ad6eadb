#!/usr/bin/env node
// Owns the shell command: which subcommand runs, and how its failure is shown.
import { HyperlightError } from '../errors/base.js';
import { type Command, HelpWanted, UsageError } from './command.js';
import { compile } from './compile.js';
import { doctor } from './doctor.js';
import { inspect } from './inspect.js';
import { run } from './run.js';

const COMMANDS: readonly Command[] = [run, inspect, compile, doctor];

function usage(): string {
  const width = Math.max(...COMMANDS.map((command) => command.usage.length));
  const lines = COMMANDS.map((command) => `  ${command.usage.padEnd(width)}  ${command.summary}`);
  return `usage: npx @hl/host <command>\n\n${lines.join('\n')}\n`;
}

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage());
    return 0;
  }
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) {
    process.stderr.write(name === undefined ? usage() : `there is no command '${name}'\n\n${usage()}`);
    return 2;
  }
  try {
    return await command.run(args);
  } catch (error) {
    return explain(command, error);
  }
}

/** Our own errors are told in words; a stack would only point into this program. */
function explain(command: Command, error: unknown): number {
  if (error instanceof HelpWanted) {
    process.stdout.write(`usage: npx @hl/host ${command.usage}\n${command.summary}\n`);
    return 0;
  }
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\nusage: npx @hl/host ${command.usage}\n`);
    return 2;
  }
  if (error instanceof HyperlightError) {
    process.stderr.write(`${error.name} (${error.code}): ${error.message}\n`);
    if ('wasmStack' in error && error.wasmStack) process.stderr.write(`${String(error.wasmStack)}\n`);
    return 1;
  }
  if (error instanceof TypeError || error instanceof RangeError) {
    process.stderr.write(`${error.name}: ${error.message}\n`);
    return 1;
  }
  throw error;
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
