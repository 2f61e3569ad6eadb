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

interface Parsed {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

export function parse(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']> = {},
): Parsed {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    });
    return { positionals, values };
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
