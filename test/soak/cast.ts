// Owns the sandboxes that live through the whole run, and what new ones are made of.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Component, Pool, Sandbox, type Snapshot } from '@hl/host';
import type { Counts } from './counts.js';

const NAMES = ['counter', 'conformance', 'handles', 'program', 'traps'] as const;
export type Name = (typeof NAMES)[number];

export const FILE_TEXT = 'content of a file\n'.repeat(1_000);

export interface Cast {
  readonly components: Readonly<Record<Name, Component>>;
  /** What `Sandbox.create` needs besides the component. */
  readonly options: Readonly<Record<Name, object>>;
  readonly snapshots: { readonly counter: Snapshot; readonly conformance: Snapshot };
  readonly counter: Sandbox;
  readonly counterMemory: Sandbox;
  readonly conformance: Sandbox;
  readonly conformanceMemory: Sandbox;
  readonly handles: Sandbox;
  readonly traps: Sandbox;
  /** Its calls may take so little CPU time that `spin` always takes more. */
  readonly brief: Sandbox;
  /** Reads a file of the folder, reads its standard input, and ends with files open. */
  readonly programs: { readonly reader: Sandbox; readonly lines: Sandbox; readonly holder: Sandbox };
  /** What programs printed since it was last taken. */
  takeOutput(): string;
  readonly pool: Pool;
  readonly folder: string;
  end(): Promise<void>;
}

export async function assemble(componentFolder: string, counts: Counts): Promise<Cast> {
  const folder = mkdtempSync(join(tmpdir(), 'hl-soak-'));
  writeFileSync(join(folder, 'file'), FILE_TEXT);
  let output = '';
  const components = await load(componentFolder);
  const imports = { handles: handlesImports(counts), conformance: hostImports(counts) };
  const preopens = { '/data': { path: folder, access: 'read-write' } } as const;
  const stdout = (text: string): void => {
    output += text;
  };
  const programWith = (...words: string[]): object => ({
    wasi: { args: ['program', ...words], stdin: 'one\ntwo\n', preopens },
    stdout,
  });
  const options: Record<Name, object> = {
    counter: {},
    conformance: { imports: imports.conformance, stdout },
    handles: { imports: imports.handles },
    program: programWith('read', '/data/file'),
    traps: {},
  };
  const make = (name: Name, more: object = {}): Promise<Sandbox> =>
    Sandbox.create({ component: components[name], ...options[name], ...more });
  const [counter, conformance] = [await make('counter'), await make('conformance')];
  const sandboxes = {
    counter,
    counterMemory: await make('counter', { reset: 'memory' }),
    conformance,
    conformanceMemory: await make('conformance', { reset: 'memory' }),
    handles: await make('handles'),
    traps: await make('traps'),
    brief: await make('traps', { limits: { cpuTimeoutMs: 3 } }),
  };
  const programs = {
    reader: await make('program'),
    lines: await make('program', programWith('lines')),
    holder: await make('program', programWith('hold', '/data/file')),
  };
  const snapshots = { counter: await counter.snapshot(), conformance: await conformance.snapshot() };
  const pool = await Pool.create({ snapshot: snapshots.conformance, ...options.conformance, size: 2 });
  return {
    ...{ components, options, snapshots, ...sandboxes, programs, pool, folder },
    takeOutput: () => {
      const taken = output;
      output = '';
      return taken;
    },
    end: async () => {
      await pool.close();
      const all = [...Object.values(sandboxes), ...Object.values(programs)];
      await Promise.all(all.map((sandbox) => sandbox.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function load(folder: string): Promise<Record<Name, Component>> {
  const loaded = await Promise.all(
    NAMES.map(async (name) => [name, await Component.load(join(folder, `${name}.wasm`))] as const),
  );
  return Object.fromEntries(loaded) as Record<Name, Component>;
}

/** Never answers where it is asked to. */
export const NEVER = 'never';

function hostImports(counts: Counts): object {
  const host = {
    add: (a: number, b: number) => a + b,
    notify: () => undefined,
    transform: async (text: string) => {
      await (text === NEVER ? new Promise(() => undefined) : undefined);
      return text.toUpperCase();
    },
    describe: (people: readonly { name: string }[]) => people.map(({ name }) => name).join(),
    manyParameters: (...all: unknown[]) => all.slice(0, 3),
  };
  const counted = Object.entries(host).map(([name, serve]) => [
    name,
    (...args: never[]) => {
      counts.hostCalls++;
      return (serve as (...all: never[]) => unknown)(...args);
    },
  ]);
  return { 'hl:conformance/host': Object.fromEntries(counted) };
}

function handlesImports(counts: Counts): object {
  class Connection {
    readonly #to: string;
    constructor(to: string) {
      counts.resources++;
      this.#to = to;
    }
    send(text: string): string {
      return `${this.#to}: ${text}`;
    }
    static best(of: readonly string[]): Connection {
      return new Connection(of[0]!);
    }
    static show(connection: Connection): string {
      return `<${connection.#to}>`;
    }
  }
  return {
    'hl:handles/connections': {
      Connection,
      open: (to: string) => new Connection(to),
      handOver: () => undefined,
      show: Connection.show,
    },
  };
}
