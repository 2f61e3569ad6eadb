// Owns what a subcommand is, and how its arguments are taken apart.
import { type ParseArgsConfig, parseArgs } from 'node:util';

export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
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

function takeApart(args: readonly string[], options: NonNullable<ParseArgsConfig['options']>): Parsed {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
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
