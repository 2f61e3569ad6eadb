#!/usr/bin/env node
// Owns the shell command: which subcommand runs, and how its failure is shown.
import { createRequire } from 'node:module';
import { HyperlightError } from '../errors/base.js';
import { type Command, HelpWanted, UsageError } from './command.js';
import { compile } from './compile.js';
import { doctor } from './doctor.js';
import { inspect } from './inspect.js';
import { run } from './run.js';

const COMMANDS: readonly Command[] = [run, inspect, compile, doctor];

const PROGRAM = 'npx @hl/host';

function usage(): string {
  const ways = COMMANDS.flatMap(({ usage: lines, summary }) => [
    ...lines.map((line) => `  ${line}`),
    `      ${summary}`,
  ]);
  const others = `  --version\n  --help, or behind a command for its options`;
  return `usage: ${PROGRAM} <command>\n\n${ways.join('\n')}\n${others}\n`;
}

const waysOf = (lines: readonly string[]): string =>
  lines.map((line, index) => `${index === 0 ? 'usage:' : '      '} ${PROGRAM} ${line}`).join('\n');

/** Of one command. */
function usageOf({ usage: lines, summary, options = [] }: Command): string {
  const width = Math.max(...options.map(([option]) => option.length));
  const told = options.map(([option, meaning]) => `  ${option.padEnd(width)}  ${meaning}`);
  return `${waysOf(lines)}\n${[summary, ...(told.length > 0 ? ['', ...told] : [])].join('\n')}\n`;
}

/** By the package's own name, which holds wherever this program lies in it. */
function version(): string {
  return (createRequire(import.meta.url)('@hl/host/package.json') as { version: string }).version;
}

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage());
    return 0;
  }
  if (name === '--version') {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) {
    const mistake = name === undefined ? 'a command is missing' : `there is no command '${name}'`;
    process.stderr.write(`${mistake}\n\n${usage()}`);
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
    process.stdout.write(usageOf(command));
    return 0;
  }
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${waysOf(command.usage)}\n`);
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
