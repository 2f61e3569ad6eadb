// Owns what a subcommand is, and how its arguments are taken apart.
import { type ParseArgsConfig, parseArgs } from 'node:util';

export interface Command {
  readonly name: string;
  /** The ways to write it, behind the program's own name. */
  readonly usage: readonly string[];
  readonly summary: string;
  /** What its options mean, besides those that `usage` says all of. */
  readonly options?: readonly (readonly [option: string, meaning: string])[];
  /** Answers the exit code. */
  run(args: readonly string[]): Promise<number>;
}

/** The arguments are wrong; the usage is shown. */
export class UsageError extends Error {}

/** The usage is what was asked for. */
export class HelpWanted extends Error {}

interface Parsed {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

interface Accepted {
  readonly options?: NonNullable<ParseArgsConfig['options']>;
  /** How many words besides the options. */
  readonly positionalsMax: number;
}

const HELP = { help: { type: 'boolean', short: 'h' } } as const;

export function parse(args: readonly string[], { options, positionalsMax }: Accepted): Parsed {
  const { positionals, values } = takeApart(args, { ...options, ...HELP });
  if (values['help'] === true) throw new HelpWanted();
  const tooMany = positionals.slice(positionalsMax);
  if (tooMany.length > 0) throw new UsageError(`what is ${tooMany.join(' ')}?`);
  return { positionals, values };
}

/** A number below zero is a word like any other, and no option. */
const NEGATIVE = /^-(\d|\.\d)/;

/** No word of a command line can hold it, so that it marks what the parser shall not look into. */
const MARK = '\0';

const unmarked = (word: unknown): unknown =>
  typeof word === 'string' && word.startsWith(MARK) ? word.slice(MARK.length) : word;

function takeApart(args: readonly string[], options: NonNullable<ParseArgsConfig['options']>): Parsed {
  const marked = args.map((word) => (NEGATIVE.test(word) ? MARK + word : word));
  try {
    const { positionals, values } = parseArgs({
      args: marked,
      options,
      allowPositionals: true,
      strict: true,
    });
    return {
      positionals: positionals.map((word) => String(unmarked(word))),
      values: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [
          name,
          Array.isArray(value) ? value.map(unmarked) : unmarked(value),
        ]),
      ),
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The file that every command but doctor works on. */
export function fileOf({ positionals }: Parsed): string {
  const [file] = positionals;
  if (file === undefined) throw new UsageError('a component is missing');
  return file;
}
