// Owns the words after `hl-guest`.
import { parseArgs } from 'node:util';
import type { BuildOptions } from '../build.js';
import { ENGINES, type EngineName } from '../engines.js';
import type { WrapModuleOptions } from '../wrap-module.js';

export const USAGE = `usage: npx @hl/guest-js build ENTRY --wit PATH --out FILE.wasm [options]

  ENTRY                TypeScript or JavaScript module that exports what the world asks for
  --wit PATH           folder or file with the world
  --world NAME         which world, where there are several
  -o, --out FILE.wasm  where to write the component
  --engine NAME        ${ENGINES.join(' or ')}; quickjs if left out
  --minify             a smaller bundle
  --timeout SECONDS    how long the engine's tools may take; 60, or 600 for starlingmonkey
  --watch              build again after each change

       npx @hl/guest-js wrap MODULE.wasm --wit PATH --out FILE.wasm [--world NAME]

  MODULE.wasm          core WebAssembly module that becomes a component

  --version            the version of this package
  -h, --help           this text`;

export class UsageError extends Error {}

type Options = BuildOptions & { out: string };
export type Command =
  | { kind: 'help' | 'version' }
  | { kind: 'build' | 'watch'; options: Options }
  | { kind: 'wrap'; options: WrapModuleOptions & { out: string } };

export function parseArguments(words: string[]): Command {
  const { values, positionals } = parse(words);
  const [verb, entry, ...others] = positionals;
  if (values.help) return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  if (verb === undefined) throw new UsageError('a command is missing, build or wrap');
  if (verb !== 'build' && verb !== 'wrap') {
    throw new UsageError(`there is no command ${verb}, only build and wrap`);
  }
  if (entry === undefined) throw new UsageError(`${verb} needs the module to begin with`);
  if (others.length > 0) throw new UsageError(`${verb} takes one module, got ${others.join(' ')} besides`);
  if (values.wit === undefined) throw new UsageError(`${verb} needs --wit PATH`);
  if (values.out === undefined) throw new UsageError(`${verb} needs --out FILE.wasm`);
  const world = values.world === undefined ? {} : { world: values.world };
  if (verb === 'wrap') {
    const unfit = (['engine', 'minify', 'timeout', 'watch'] as const).find(
      (name) => values[name] !== undefined,
    );
    if (unfit) throw new UsageError(`wrap has no option --${unfit}`);
    return { kind: 'wrap', options: { module: entry, wit: values.wit, out: values.out, ...world } };
  }
  const engine = values.engine ?? 'quickjs';
  if (!(ENGINES as readonly string[]).includes(engine)) {
    throw new UsageError(`--engine is ${ENGINES.join(' or ')}, got ${engine}`);
  }
  const options: Options = {
    entry,
    wit: values.wit,
    out: values.out,
    engine: engine as EngineName,
    minify: values.minify ?? false,
    ...world,
    ...(values.timeout !== undefined && { timeoutMs: parseSeconds(values.timeout) }),
  };
  return { kind: values.watch ? 'watch' : 'build', options };
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds < 2 ** 31 / 1000) return seconds * 1000;
  throw new UsageError(`--timeout is a number of seconds above 0, got ${text}`);
}

function parse(words: string[]) {
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        wit: { type: 'string' },
        world: { type: 'string' },
        out: { type: 'string', short: 'o' },
        engine: { type: 'string' },
        timeout: { type: 'string' },
        minify: { type: 'boolean' },
        watch: { type: 'boolean' },
        version: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
