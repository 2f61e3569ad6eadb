// Owns `run`: runs a component that is a program, or calls one function of a component, with arguments from the shell.
import { artifactOf, Component } from '../component.js';
import { type FunctionDescriptor, resolve, type TypeDescriptor, type TypeRef } from '../descriptor.js';
import { WitError } from '../errors/classes.js';
import { lowerCamel, shortName, withoutVersion } from '../names.js';
import { type Limits, parseLimits } from '../sandbox/limits.js';
import { Sandbox } from '../sandbox.js';
import { fromWord, toText } from './arguments.js';
import { type Command, fileOf, parse, UsageError } from './command.js';
import { isProgram, runProgram } from './program.js';

export const run: Command = {
  name: 'run',
  usage: [
    'run app.wasm [options] [-- argument...]',
    'run plugin.wasm [options] function [argument...] [-- argument...]',
  ],
  summary: 'run a program, or call a function; its arguments are JSON or plain words',
  options: [
    ['--timeout-ms N', 'how long it may take'],
    ['--memory-bytes N', 'how much memory it may use'],
    ['--env NAME[=VALUE]', "a variable for a program; without a value, this shell's"],
    ['--dir HOST[::GUEST][:ro]', 'a folder for a program, under its own name or another; :ro to read only'],
    ['--', 'what follows is no option, such as the argument -x'],
  ],
  async run(args) {
    const end = args.indexOf('--');
    const behind = end < 0 ? [] : args.slice(end + 1);
    const parsed = parse(end < 0 ? args : args.slice(0, end), {
      options: {
        'timeout-ms': { type: 'string' },
        'memory-bytes': { type: 'string' },
        env: { type: 'string', multiple: true },
        dir: { type: 'string', multiple: true },
      },
      positionalsMax: Number.POSITIVE_INFINITY,
    });
    const file = fileOf(parsed);
    const limits = {
      ...limit('timeoutMs', 'timeout-ms', parsed.values),
      ...limit('memoryBytes', 'memory-bytes', parsed.values),
    };
    const component = await Component.load(file);
    const [, name, ...words] = parsed.positionals;
    const granted = { env: texts(parsed.values['env']), dirs: texts(parsed.values['dir']) };
    if (name === undefined && isProgram(component)) {
      return runProgram({ file, component, args: behind, limits, ...granted });
    }
    if (granted.env.length > 0 || granted.dirs.length > 0) {
      throw new UsageError('--env and --dir are for a component that exports wasi:cli/run');
    }
    return callFunction(component, name, [...words, ...behind], limits);
  },
};

async function callFunction(
  component: Component,
  name: string | undefined,
  words: readonly string[],
  limits: Limits,
): Promise<number> {
  const { key, descriptor } = find(component, name);
  const values = argumentsOf(artifactOf(component).descriptor.types, descriptor, words);
  const sandbox = await Sandbox.create({ component, limits, stdout: 'inherit', stderr: 'inherit' });
  try {
    const owner = key === null ? sandbox.exports : sandbox.exports[key];
    return report(await (owner[lowerCamel(descriptor.name)](...values) as Promise<unknown>));
  } catch (error) {
    // The err case is an answer too, and not a defect: its payload is what the caller wants to see.
    if (!(error instanceof WitError)) throw error;
    process.stderr.write(`${toText(error.payload)}\n`);
    return 1;
  } finally {
    await sandbox.close();
  }
}

function report(value: unknown): number {
  if (value !== undefined) process.stdout.write(`${toText(value)}\n`);
  return 0;
}

interface Found {
  readonly key: string | null;
  readonly descriptor: FunctionDescriptor;
}

/** By name in WIT or in lowerCamel; in an interface as `quotes.quote` or `acme:shop/quotes#quote`. */
function find(component: Component, name: string | undefined): Found {
  const all = artifactOf(component).descriptor.exports.flatMap((one) =>
    one.functions.map((descriptor) => ({ key: one.name, descriptor })),
  );
  const shown = component.exports.map((one) => spelled(one.interface, one.name)[0]!);
  if (name === undefined)
    throw new UsageError(`a function is missing; the component exports ${shown.join(', ')}`);
  const matching = all.filter(({ key, descriptor }) => spelled(key, descriptor.name).includes(name));
  if (matching.length === 1) return matching[0]!;
  const what = matching.length === 0 ? 'exports no' : 'exports more than one';
  throw new UsageError(`the component ${what} function ${name}; it exports ${shown.join(', ')}`);
}

function spelled(interfaceName: string | null, name: string): string[] {
  const names = [lowerCamel(name), name];
  if (interfaceName === null) return names;
  const short = shortName(interfaceName);
  const owners = [`${short}.`, `${withoutVersion(interfaceName)}#`, `${interfaceName}#`];
  return owners.flatMap((owner) => names.map((one) => `${owner}${one}`));
}

function argumentsOf(
  types: readonly TypeDescriptor[],
  { params, wit }: FunctionDescriptor,
  words: readonly string[],
): unknown[] {
  const isOptional = ({ type }: { readonly type: TypeRef }): boolean => {
    const resolved = resolve(types, type);
    return typeof resolved === 'object' && resolved.kind === 'option';
  };
  if (words.length > params.length || !params.slice(words.length).every(isOptional)) {
    throw new UsageError(`${words.length} ${words.length === 1 ? 'argument' : 'arguments'} for ${wit}`);
  }
  return words.map((word, index) => fromWord(types, params[index]!.type, word));
}

function limit(name: keyof Limits, option: string, values: Readonly<Record<string, unknown>>): Limits {
  const text = values[option];
  if (typeof text !== 'string') return {};
  const given = { [name]: text.trim() === '' ? Number.NaN : Number(text) };
  try {
    parseLimits(given);
  } catch (error) {
    const why = (error as Error).message.replace(`limits.${name}: `, '').replace(/, got .*$/, '');
    throw new UsageError(`--${option}: ${why}, got ${text}`);
  }
  return given;
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
