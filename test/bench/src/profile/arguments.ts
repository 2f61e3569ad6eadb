// Owns the command line of the profile.
import { parseArgs } from 'node:util';
import { cellNames } from './cells.js';

export interface ProfileOptions {
  /** One of `cellNames`. */
  readonly cell: string;
  /** How long each of the three parts takes. */
  readonly seconds: number;
  /** One JSON object on standard output, instead of tables. */
  readonly json: boolean;
  /** Also leaves files for Chrome's DevTools in `results`. */
  readonly files: boolean;
}

const CELL = 'call/context/quickjs/hello';
const SECONDS = 2;
const SECONDS_MIN = 0.1;
const SECONDS_MAX = 60;

export const PROFILE_USAGE = `usage: npm run profile -- [--cell NAME] [--seconds NUMBER] [--files] [--json]

  --cell NAME       what is called, by its name in the benchmark; ${CELL}
  --seconds NUMBER  how long each of the three parts takes; ${SECONDS}
  --files           also leaves a .cpuprofile and a .heapprofile in test/bench/results, for Chrome's DevTools
  --json            one JSON object on standard output (with npm run --silent)`;

/** Throws a TypeError for what it does not know. */
export function parseProfileOptions(args: readonly string[]): ProfileOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cell: { type: 'string', default: CELL },
      seconds: { type: 'string', default: String(SECONDS) },
      files: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { help, cell, seconds, ...options } = values;
  if (help) return 'help';
  return { ...options, cell: parseCell(cell), seconds: parseSeconds(seconds) };
}

function parseCell(cell: string): string {
  const names = cellNames();
  if (names.includes(cell)) return cell;
  throw new TypeError(
    `--cell: there is no "${cell}" that can be profiled; there are:\n  ${names.join('\n  ')}`,
  );
}

function parseSeconds(text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text);
  if (seconds >= SECONDS_MIN && seconds <= SECONDS_MAX) return seconds;
  throw new TypeError(`--seconds: expected a number from ${SECONDS_MIN} to ${SECONDS_MAX}, got "${text}"`);
}
