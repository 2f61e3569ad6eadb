// Owns the command line of the soak.
import { parseArgs } from 'node:util';

export interface Options {
  /** Which part of the whole run: 1 is a million calls. */
  readonly scale: number;
  /** Also rewrites docs/soak.md and its chart. */
  readonly write: boolean;
  /** Leaks on purpose, to show that it would be noticed. */
  readonly leak: Leak | undefined;
}

export const LEAKS = ['sandbox', 'snapshot', 'descriptor', 'memory'] as const;
export type Leak = (typeof LEAKS)[number];

export const USAGE = `usage: npm run soak -- [--scale PART] [--write] [--leak WHAT]

  --scale PART   a part of the run, such as 0.01; default 1: a million calls
  --write        also rewrites docs/soak.md and its chart
  --leak WHAT    leaks on purpose, and must fail then: ${LEAKS.join(', ')}`;

/** Throws a TypeError or RangeError for what it does not know. */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scale: { type: 'string', default: '1' },
      write: { type: 'boolean', default: false },
      leak: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const scale = Number(values.scale);
  if (!(scale > 0 && scale <= 10)) {
    throw new RangeError(`--scale: expected a number above 0, up to 10, got ${values.scale}`);
  }
  const leak = LEAKS.find((one) => one === values.leak);
  if (values.leak !== undefined && leak === undefined) {
    throw new RangeError(`--leak: expected one of ${LEAKS.join(', ')}, got ${values.leak}`);
  }
  return { scale, write: values.write, leak };
}
