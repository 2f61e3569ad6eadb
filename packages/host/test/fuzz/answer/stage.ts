// Owns the sandboxes in which the hostile guest answers: some that are attacked in turn, and one that must not notice.
import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Binding, replaceNative } from '../../../src/binding.ts';
import { Sandbox } from '../../../src/index.ts';
import { HostFunctions } from './host.ts';

/** While the VM of one is being replaced, the others go on. */
const ATTACKED = 4;

/** Forged host calls go past theirs; no input takes as long as this timeout, however loaded the machine. */
const LIMITS = {
  timeoutMs: 60_000,
  memoryBytes: 16 << 20,
  maxHostCalls: 7,
  maxReplyBytes: 1 << 20,
  maxOutputBytes: 64,
};

export interface Attacked {
  readonly sandbox: Sandbox;
  readonly host: HostFunctions;
  /** What the guest's numbers of host functions are. */
  readonly importNumber: (name: string) => number;
  /** How many calls have shown that its VM must not be used again. */
  lies: number;
}

export class Stage {
  readonly #attacked: Attacked[];
  readonly #neighbour: Sandbox;
  #turn = 0;

  private constructor(attacked: Attacked[], neighbour: Sandbox) {
    this.#attacked = attacked;
    this.#neighbour = neighbour;
  }

  static async open(): Promise<Stage> {
    const root = rootAbove(import.meta.dirname);
    const addon = join(root, 'test/guests/addon/dist/hl-hostile.linux-x64-gnu.node');
    const binding = createRequire(import.meta.url)(addon) as Binding;
    const compilerPath = join(root, 'packages/host/npm/linux-x64-gnu/hl-compile');
    replaceNative({ ok: true, native: { binding, compilerPath } });
    const component = join(root, 'test/components/dist/answer.wasm');
    const make = async (): Promise<Attacked> => {
      const host = new HostFunctions();
      const sandbox = await Sandbox.create({
        component,
        imports: host.imports,
        limits: LIMITS,
        stdout: isText,
        stderr: isText,
      });
      const names = importsOf(await attack(sandbox, 'Loaded'));
      return { sandbox, host, importNumber: (name) => names.indexOf(name), lies: 0 };
    };
    const all = await Promise.all(Array.from({ length: ATTACKED + 1 }, make));
    return new Stage(all, all.pop()!.sandbox);
  }

  next(): Attacked {
    this.#turn = (this.#turn + 1) % ATTACKED;
    return this.#attacked[this.#turn]!;
  }

  /** Each answers as in its first call, in a VM that was not caught. Throws if one does not, or if the neighbour was touched. */
  async checkWellBeing(): Promise<void> {
    const sandboxes = [...this.#attacked.map(({ sandbox }) => sandbox), this.#neighbour];
    for (const sandbox of sandboxes) {
      const pings = (await attack(sandbox, 'Ping')).readBigUInt64LE(8);
      if (pings !== 1n) throw new Error(`a sandbox was in its base state ${pings - 1n} calls ago`);
    }
    for (const { sandbox, lies } of this.#attacked) {
      const { replacements } = sandbox.stats;
      if (replacements < lies) throw new Error(`${lies} VMs were caught, and ${replacements} replaced`);
    }
    const { replacements } = this.#neighbour.stats;
    if (replacements > 0) throw new Error(`the neighbour’s VM was replaced ${replacements} times`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#attacked.map(({ sandbox }) => sandbox.close()));
    await this.#neighbour.close();
    replaceNative(undefined);
  }
}

/** This code runs from its own folder in tests, and as one file elsewhere. */
function rootAbove(folder: string): string {
  return existsSync(join(folder, 'pnpm-workspace.yaml')) ? folder : rootAbove(dirname(folder));
}

function isText(text: string): void {
  if (typeof text !== 'string' || text === '') throw new Error('a stream was given no text');
}

async function attack(sandbox: Sandbox, what: string): Promise<Buffer> {
  const bytes: Uint8Array = await sandbox.exports.attack(what, 0n, 0n, 0n, new Uint8Array());
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

const FATE_BYTES = 32;

/** From what the host told the guest to load, which is exports, then imports: the imports' names in their order. */
function importsOf(loaded: Buffer): string[] {
  let at = FATE_BYTES;
  const take = (count: number): Buffer => {
    at += count;
    return loaded.subarray(at - count, at);
  };
  const name = (): string => take(take(4).readUInt32LE()).toString();
  const list = (): string[] =>
    Array.from({ length: take(4).readUInt32LE() }, () => {
      if (take(1)[0] === 1) name();
      return name();
    });
  list();
  return list();
}
