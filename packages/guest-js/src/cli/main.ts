#!/usr/bin/env node
// Owns the command `hl-guest`: what is printed, and the exit code.
import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { type BuiltGuest, buildGuest } from '../build.js';
import { GuestBuildError } from '../errors.js';
import { watchGuest } from '../watch.js';
import { wrapModule } from '../wrap-module.js';
import { parseArguments, USAGE, UsageError } from './arguments.js';

const FAILED = 1;
const MISUSED = 2;

async function main(words: string[]): Promise<number> {
  const command = parseArguments(words);
  switch (command.kind) {
    case 'help':
      console.log(USAGE);
      return 0;
    case 'version':
      console.log(
        (createRequire(import.meta.url)('@hl/guest-js/package.json') as { version: string }).version,
      );
      return 0;
    case 'build': {
      const guest = await buildGuest(command.options);
      console.log([summary(guest, command.options.out), ...largest(guest)].join('\n'));
      return 0;
    }
    case 'wrap': {
      const { length } = await wrapModule(command.options);
      console.log(`${relative('.', command.options.out)}  ${readable(length)}`);
      return 0;
    }
    case 'watch':
      await watchGuest({
        ...command.options,
        onBuilt: (guest) => console.log(summary(guest, command.options.out)),
        onError: (error) => console.error(explain(error)),
      });
      return 0;
  }
}

/** `plugin.wasm  1.6 MB  quickjs  (bundle 12.0 kB in 34 ms, component in 812 ms)` */
function summary({ engine, sizes, timings }: BuiltGuest, out: string): string {
  const bundle = `bundle ${readable(sizes.bundleBytes)} in ${Math.round(timings.bundleMs)} ms`;
  const component = `component in ${Math.round(timings.componentizeMs)} ms`;
  return `${relative('.', out)}  ${readable(sizes.componentBytes)}  ${engine}  (${bundle}, ${component})`;
}

const PARTS_SHOWN = 5;

/** What the bundle is made of, as far as it counts: `   61.2 kB   47 %  markdown-it`. */
function largest({ sizes: { parts, bundleBytes } }: BuiltGuest): string[] {
  const line = (name: string, bytes: number) => {
    const share = `${Math.round((100 * bytes) / bundleBytes)} %`;
    return `  ${readable(bytes).padStart(9)}  ${share.padStart(5)}  ${name}`;
  };
  const shown = parts.slice(0, parts.length > PARTS_SHOWN + 1 ? PARTS_SHOWN : parts.length);
  const rest = parts.slice(shown.length);
  const lines = shown.map(({ name, bytes }) => line(name, bytes));
  if (rest.length === 0) return lines;
  return [
    ...lines,
    line(
      `${rest.length} more`,
      rest.reduce((sum, { bytes }) => sum + bytes, 0),
    ),
  ];
}

function readable(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A mistake of the author's is told in words; anything else is a mistake of ours, and shows its stack. */
function explain(error: unknown): string {
  if (error instanceof GuestBuildError) return `hl-guest: ${error.message}`;
  return error instanceof Error ? `hl-guest: ${error.stack}` : `hl-guest: ${String(error)}`;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof UsageError) console.error(`hl-guest: ${error.message}\n\n${USAGE}`);
    else console.error(explain(error));
    process.exitCode = error instanceof UsageError ? MISUSED : FAILED;
  },
);
