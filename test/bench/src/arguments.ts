// Owns the command line.
import { parseArgs } from 'node:util';

export interface Options {
  /** One JSON object on standard output, instead of a table. */
  readonly json: boolean;
  /** A tenth of the samples: shows that everything works, not how fast. */
  readonly quick: boolean;
  /** Also rewrites docs/benchmarks.md and its chart. */
  readonly write: boolean;
  /** Without the other contestants; nothing is installed for them. */
  readonly ours: boolean;
  /** Only results whose name contains this. */
  readonly only: string;
}

export const USAGE = `usage: npm run bench -- [--json] [--quick] [--write] [--ours] [--only TEXT]

  --json        one JSON object on standard output (with npm run --silent)
  --quick       a tenth of the samples
  --write       also rewrites docs/benchmarks.md and its chart
  --ours        without the other contestants; nothing is installed for them
  --only TEXT   only results whose name contains TEXT`;

/** Throws a TypeError for what it does not know. */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      ours: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { help, ...options } = values;
  return help ? 'help' : options;
}
