// Owns a thin hand on the add-on for its own tests: events are awaited one by one, components compiled once.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Binding,
  type BindingCreate,
  type BindingEvent,
  CallStatus,
  Control,
} from '../../src/binding.ts';
import type { FunctionDescriptor, InterfaceDescriptor } from '../../src/descriptor.ts';

const host = fileURLToPath(new URL('../..', import.meta.url));
const platform = join(host, 'npm/linux-x64-gnu');
const components = join(host, '../../test/components/dist');
const folder = mkdtempSync(join(tmpdir(), 'hl-binding-'));

export const addonPath = join(platform, 'hl-host.linux-x64-gnu.node');
export const binding = createRequire(import.meta.url)(addonPath) as Binding;

const control = new Float64Array(32);
const requestBuffer = new Uint8Array(64 << 10);
const replyBuffer = new Uint8Array(64 << 10);
binding.attach(control, requestBuffer, replyBuffer);

export const LONG_MS = 30_000;

let compilations = 0;

/** What `createSandbox` needs for a test component. */
export function compile(component: string): BindingCreate {
  const artifactPath = join(folder, `${component}-${compilations++}.hlc`);
  const input = readFileSync(join(components, `${component}.wasm`));
  const { status, stderr } = spawnSync(join(platform, 'hl-compile'), ['--out', artifactPath], { input });
  if (status !== 0) throw new Error(`hl-compile: ${stderr}`);
  const file = readFileSync(artifactPath);
  const header = JSON.parse(file.subarray(12, 12 + file.readUInt32LE(8)).toString());
  const { exports, imports } = header.descriptor as {
    exports: InterfaceDescriptor[];
    imports: InterfaceDescriptor[];
  };
  return {
    code: {
      artifactPath,
      codeOffset: header.codeOffset,
      codeBytes: header.codeBytes,
      textOffset: header.textOffset,
      textBytes: header.textBytes,
      codeChecksum: header.codeChecksum,
    },
    exports: names(exports),
    imports: names(imports).filter(([iface, name]) => !header.wasi.includes(`${iface}#${name}`)),
    memoryBytes: 64 << 20,
    replyBytesMax: 1 << 20,
    outputBytesMax: 1 << 20,
    hostCallsMax: 1000,
    timeoutMs: LONG_MS,
    cpuTimeoutMs: 0,
    resetMemory: false,
  };
}

function names(interfaces: InterfaceDescriptor[]): [string | null, string][] {
  const functions = (one: InterfaceDescriptor): readonly FunctionDescriptor[] => one.functions;
  return interfaces.flatMap((one) => functions(one).map((f): [string | null, string] => [one.name, f.name]));
}

type Kind = BindingEvent['kind'];
type Event<K extends Kind> = Extract<BindingEvent, { kind: K }>;

/** One sandbox, held until it is closed. */
export class Driven {
  readonly handle: number;
  readonly events: BindingEvent[] = [];
  #wake = () => {};
  #calls = 0;
  readonly options: BindingCreate;

  constructor(options: BindingCreate) {
    this.options = options;
    this.handle = binding.createSandbox(options, (event) => {
      this.events.push(event);
      this.#wake();
    });
    binding.hold(this.handle, true);
  }

  static async ready(options: BindingCreate): Promise<Driven> {
    const driven = new Driven(options);
    await driven.next('ready');
    return driven;
  }

  /** The next event, which has to be of this kind. */
  async next<K extends Kind>(kind: K): Promise<Event<K>> {
    while (this.events.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const event = this.events.shift() as BindingEvent;
    if (event.kind !== kind) throw new Error(`expected ${kind}, got ${JSON.stringify(event)}`);
    return event as Event<K>;
  }

  /** Starts a call; answers its number and what the add-on answered at once. */
  start(
    name: string,
    { request = new Uint8Array() as Uint8Array, keep = false, ms = LONG_MS, waitUs = 0 } = {},
  ) {
    const index = this.options.exports.findIndex(([, exported]) => exported === name);
    if (index < 0) throw new Error(`the component does not export ${name}`);
    const call = ++this.#calls;
    control.set([call, index, request.length, keep ? 1 : 0, ms, waitUs]);
    if (request.length > requestBuffer.length) {
      return { call, status: binding.callWith(this.handle, request) };
    }
    requestBuffer.set(request);
    return { call, status: binding.call(this.handle) };
  }

  /** Answers a host call; without waiting, whatever comes next comes as an event. */
  resume(hostCall: number, ok: boolean, payload: Uint8Array, waitUs = 0): CallStatus {
    control.set([hostCall, 0, payload.length, ok ? 1 : 0, 0, waitUs]);
    requestBuffer.set(payload);
    return binding.resume(this.handle);
  }

  /** The reply to a call that returned at once. */
  reply(status: CallStatus): Uint8Array {
    if (status === CallStatus.RETURNED_LARGE) return binding.takeReply(this.handle);
    if (status !== CallStatus.RETURNED) throw new Error(`expected a reply, got status ${status}`);
    return replyBuffer.slice(0, control[Control.REPLY_BYTES]);
  }

  /** The host call that a call has come to while it was waited for. */
  asked() {
    return {
      hostCall: Number(control[Control.HOST_CALL]),
      import: Number(control[Control.IMPORT]),
      arguments: replyBuffer.slice(0, control[Control.REPLY_BYTES]),
    };
  }

  /** A call that returns 32 bits, its answer by event. */
  async number(name: string, keep = false): Promise<number> {
    const { call } = this.start(name, { keep });
    const returned = await this.next('returned');
    if (returned.call !== call)
      throw new Error(`expected the answer to ${call}, got that to ${returned.call}`);
    return new DataView(returned.reply.buffer, returned.reply.byteOffset).getUint32(0, true);
  }

  async close(): Promise<void> {
    binding.close(this.handle);
    await this.next('closed');
  }
}

/** A string as it travels: its length, then UTF-8. */
export function text(value: string): Uint8Array {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}
