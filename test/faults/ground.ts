// Owns where the attempts take place: a sandbox that is attacked, and two beside it that must not notice.
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context, Sandbox } from '@hl/host';
import { type Fate, type Forged, importsOf, parseFate, recordOf, scriptOf } from './fate.js';

type Library = typeof import('@hl/host');

/** Small, so that what runs into a limit does so soon. */
export const LIMITS = {
  memoryBytes: 16 << 20,
  timeoutMs: 120_000,
  maxHostCalls: 500,
  maxReplyBytes: 4 << 20,
  maxOutputBytes: 1 << 20,
};

/** What the host function `ask` fails for. */
export const FAILS = 13;

/** How long the host function takes that makes its guest wait. */
const WAIT_MS = 150;

/** A loop that nothing else ends, ends by this. */
export const SHORT_MS = 250;

const require = createRequire(import.meta.url);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const component = here('../components/dist/hostile.wasm');
const counter = here('../components/dist/counter.wasm');

/** A copy of the library that has loaded nothing yet. */
function newLibrary(): Library {
  const path = require.resolve('@hl/host');
  const forget = (): boolean => delete require.cache[path];
  forget();
  try {
    return require(path) as Library;
  } finally {
    forget();
  }
}

/** Paths of what is shipped. */
export function shipped(): { addon: string; compiler: string } {
  const host = createRequire(join(dirname(require.resolve('@hl/host')), '../package.json'));
  const addon = host.resolve('@hl/host-linux-x64-gnu');
  return { addon, compiler: join(dirname(addon), 'hl-compile') };
}

export const hostileAddon = here('../guests/addon/dist/hl-hostile.linux-x64-gnu.node');

export class Thing {}
class Other {}

/** The host functions of the attacked sandbox, and how often any of them was called. */
export class Functions {
  calls: string[] = [];
  readonly imports = {
    'hl:hostile/host': {
      Thing,
      Other,
      ask: (what: number): number => {
        if (what === FAILS) throw new Error('it fails for that');
        return this.#noted('ask', what + 1);
      },
      say: (): void => this.#noted('say', undefined),
      mark: (): void => this.#noted('mark', undefined),
      count: (): void => this.#noted('count', undefined),
      wait: (): Promise<void> => this.#noted('wait', new Promise((resolve) => setTimeout(resolve, WAIT_MS))),
      give: (): Thing => this.#noted('give', new Thing()),
      giveOther: (): Other => this.#noted('giveOther', new Other()),
      take: (): void => this.#noted('take', undefined),
      show: (): void => this.#noted('show', undefined),
    },
  };

  #noted<T>(name: string, value: T): T {
    this.calls.push(name);
    return value;
  }
}

export class Ground {
  readonly functions = new Functions();
  /** Names of what the guest may call, in the order of their numbers. */
  imports: readonly string[] = [];
  attacked!: Sandbox;
  /** In the same add-on, and so of the same budget, code and spare VMs. */
  neighbour!: Sandbox;
  /** A component in the runtime, in the add-on as it is shipped. */
  honest!: Sandbox;
  #library!: Library;
  readonly #folder = mkdtempSync(join(tmpdir(), 'hl-faults-'));

  static async make(): Promise<Ground> {
    const ground = new Ground();
    await ground.#begin();
    return ground;
  }

  async #begin(): Promise<void> {
    symlinkSync(hostileAddon, join(this.#folder, 'hl-host.linux-x64-gnu.node'));
    symlinkSync(shipped().compiler, join(this.#folder, 'hl-compile'));
    const asked = process.env['HL_NATIVE_PATH'];
    process.env['HL_NATIVE_PATH'] = this.#folder;
    this.#library = newLibrary();
    try {
      // Loads the add-on.
      this.attacked = await this.create();
    } finally {
      if (asked === undefined) delete process.env['HL_NATIVE_PATH'];
      else process.env['HL_NATIVE_PATH'] = asked;
    }
    this.neighbour = await this.create();
    this.honest = await newLibrary().Sandbox.create({ component: counter });
    this.imports = importsOf((await this.attack('Loaded')).more);
  }

  /** Another sandbox around the hostile guest. `atLoad`: what it does while it is loaded, in eight letters. */
  create(atLoad = 'ordinary', limits: object = {}): Promise<Sandbox> {
    const bytes = readFileSync(component);
    for (let at = bytes.indexOf('at-load-'); at >= 0; at = bytes.indexOf('at-load-', at + 1)) {
      bytes.write(atLoad, at + 'at-load-'.length, 'latin1');
    }
    const { imports } = this.functions;
    return this.#library.Sandbox.create({ component: bytes, imports, limits: { ...LIMITS, ...limits } });
  }

  async close(): Promise<void> {
    await Promise.all([this.attacked, this.neighbour, this.honest].map((sandbox) => sandbox.close()));
    rmSync(this.#folder, { recursive: true });
  }

  /** Has the guest make an attempt. */
  attack(what: string, words: readonly bigint[] = [], more?: Uint8Array): Promise<Fate> {
    return attackOf(this.attacked.exports, what, words, more);
  }

  /** The same, of what does not end by itself. */
  attackShortly(what: string, words: readonly bigint[] = [], more?: Uint8Array): Promise<Fate> {
    return attackOf(this.attacked.with({ timeoutMs: SHORT_MS }).exports, what, words, more);
  }

  /** Has the guest say all that; answers what the host said to it. */
  async script(...messages: Forged[]): Promise<unknown> {
    return recordOf(await this.attack('Script', [], scriptOf(messages)));
  }

  /** The number of a host function. */
  import(name: string): number {
    const number = this.imports.indexOf(name);
    if (number < 0) throw new Error(`no import ${name} among ${this.imports.join(', ')}`);
    return number;
  }

  /** In a context that is finished afterwards. */
  async inContext<T>(use: (context: Context) => Promise<T>): Promise<T> {
    const context = await this.attacked.context();
    try {
      return await use(context);
    } finally {
      await context.finish();
    }
  }
}

export async function attackOf(
  exports: Sandbox['exports'],
  what: string,
  [a = 0n, b = 0n, c = 0n]: readonly bigint[] = [],
  more: Uint8Array = new Uint8Array(),
): Promise<Fate> {
  return parseFate(await exports.attack(what, a, b, c, more));
}
