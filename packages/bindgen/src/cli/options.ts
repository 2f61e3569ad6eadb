// Owns the command line: its options, their checks, and the help text.
import { parseArgs } from 'node:util';
import type { Features } from '../parser.js';

export const HELP = `usage: npx @hl/bindgen <wit> --out <folder> [options]

Writes the TypeScript types and the descriptor of a world.

  <wit>              a WIT folder, a .wit file, or a built component (.wasm)
  -o, --out FOLDER   where the files go
  --world NAME       which world; may be left out when there is one
  --features A,B     also what is marked @unstable(feature = A) or B
  --all-features     also all that is marked @unstable
  --guest            the plug-in's view (<world>.guest.d.ts) instead of the host's (<world>.ts)
  --emit ts|js       one .ts file, or .js with .d.ts (default: ts)
  --check            write nothing; exit with 1 if a file is stale, naming it
  --watch            write again whenever the WIT changes
  --version          the version of this package
  -h, --help         this text
`;

export interface CommandOptions {
  readonly wit: string;
  readonly out: string;
  readonly world: string | undefined;
  readonly features: Features;
  readonly guest: boolean;
  readonly emit: 'ts' | 'js';
  readonly check: boolean;
  readonly watch: boolean;
}

/** A command line that makes no sense; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The options, or what is asked for instead. Throws a `UsageError`. */
export function parseCommand(args: readonly string[]): CommandOptions | 'help' | 'version' {
  const { values, positionals } = parse(args);
  if (values.help === true) return 'help';
  if (values.version === true) return 'version';
  const [wit, ...rest] = positionals;
  if (wit === undefined) throw new UsageError('name a WIT folder, a .wit file or a component (.wasm)');
  if (rest.length > 0) throw new UsageError(`one source at a time, what is ${rest.join(' ')}?`);
  if (values.out === undefined) throw new UsageError('--out is missing: name the folder for the files');
  if (values.out === '') throw new UsageError('--out is empty: name the folder for the files');
  const emit = values.emit ?? 'ts';
  if (emit !== 'ts' && emit !== 'js') throw new UsageError(`--emit takes ts or js, not ${emit}`);
  if (values.check === true && values.watch === true)
    throw new UsageError('--check and --watch exclude each other');
  return {
    wit,
    out: values.out,
    world: values.world,
    features:
      values['all-features'] === true
        ? 'all'
        : (values.features ?? []).flatMap((list) => list.split(',')).filter((name) => name !== ''),
    guest: values.guest === true,
    emit,
    check: values.check === true,
    watch: values.watch === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        out: { type: 'string', short: 'o' },
        world: { type: 'string' },
        features: { type: 'string', multiple: true },
        'all-features': { type: 'boolean' },
        guest: { type: 'boolean' },
        emit: { type: 'string' },
        check: { type: 'boolean' },
        watch: { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
