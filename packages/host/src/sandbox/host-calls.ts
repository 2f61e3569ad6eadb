// Owns answering a guest's call of a host function: values in, the user's function, value or failure out.
import { Buffer } from 'node:buffer';
import { CallStatus } from '../binding.js';
import { Malformed, Mismatch, Oversized } from '../codec/mismatch.js';
import type { Reader } from '../codec/reader.js';
import { giveBack, takeWriter } from '../codec/writer.js';
import type { HyperlightError } from '../errors/base.js';
import { HostFunctionError, InternalError, LimitError, WitError } from '../errors/classes.js';
import { Handles, Transfer } from '../resources/handles.js';
import type { HostFunction } from './imports.js';
import type { CallJob } from './job.js';
import { type AllLimits, oversized, valueBytesMax } from './limits.js';
import { OverLimit } from './output.js';
import type { Vm } from './vm.js';
import type { Wait } from './wait.js';

/** What the guest gets to hear of a failure: nothing. The host's error texts are not for it. */
const FAILED = Buffer.from('the host function failed');

export interface HostCallsParts {
  readonly vm: Vm;
  readonly functions: readonly HostFunction[];
  readonly limits: AllLimits;
  readonly wait: Wait;
  /** A promise that the call waited for has settled, and `answer` answers the guest. */
  readonly onSettled: (job: CallJob, answer: () => CallStatus) => void;
}

/** A host call that is being served. */
interface Serving {
  readonly hostCall: number;
  readonly job: CallJob;
  readonly host: HostFunction;
}

export class HostCalls {
  /** Host functions that are on the stack right now. */
  running = 0;
  readonly #vm: Vm;
  readonly #functions: readonly HostFunction[];
  readonly #bytesMax: number;
  readonly #replyBytesMax: number;
  readonly #valueBytesMax: number;
  readonly #wait: Wait;
  readonly #onSettled: HostCallsParts['onSettled'];

  constructor({ vm, functions, limits, wait, onSettled }: HostCallsParts) {
    this.#vm = vm;
    this.#functions = functions;
    this.#bytesMax = limits.maxRequestBytes;
    this.#replyBytesMax = limits.maxReplyBytes;
    this.#valueBytesMax = valueBytesMax(limits.maxReplyBytes);
    this.#wait = wait;
    this.#onSettled = onSettled;
  }

  /**
   * `job` is the call under way, if it is the one that asks. Answers what that has come to; PENDING also where it
   * waits for the host function's promise.
   */
  serve(hostCall: number, index: number, args: Reader, job: CallJob | undefined): CallStatus {
    const host = this.#functions[index];
    // A function is called with values of its types only, and while its sandbox is in a call only.
    if (job === undefined || job.settled || hasLied(job)) return this.#vm.refuse(hostCall, FAILED);
    if (host === undefined) {
      const message = `host function ${index} was called, and there are ${this.#functions.length}`;
      return this.#fail({ hostCall, job }, new InternalError('ERR_HL_PROTOCOL', message));
    }
    return this.#run({ hostCall, job, host }, args);
  }

  #run(serving: Serving, args: Reader): CallStatus {
    const { host } = serving;
    let result: unknown;
    this.running++;
    args.handles = serving.job.transfer?.handles;
    args.room = this.#valueBytesMax;
    try {
      result = host.run.apply(host.owner, host.wanted.codec.decodeParams(args));
      if (isThenable(result)) {
        this.#later(serving, result);
        return CallStatus.PENDING;
      }
    } catch (thrown) {
      return this.#threw(serving, thrown);
    } finally {
      this.running--;
    }
    return this.#returned(serving, result);
  }

  #later(serving: Serving, result: PromiseLike<unknown>): void {
    const { job, host } = serving;
    job.waitsFor = host.wanted.name;
    Promise.resolve(result).then(
      (value) => this.#onSettled(job, () => this.#returned(serving, value)),
      (thrown: unknown) => this.#onSettled(job, () => this.#threw(serving, thrown)),
    );
  }

  #returned(serving: Serving, value: unknown): CallStatus {
    const { hostCall, job, host } = serving;
    // Given up meanwhile, perhaps by the function itself.
    if (job.settled) {
      if (job.transfer !== undefined) this.#discard(host, value);
      return CallStatus.PENDING;
    }
    const { scratch } = this.#vm;
    const writer = scratch.takeWriter(this.#bytesMax, 'maxRequestBytes');
    const transfer = transferOf(job);
    writer.transfer = transfer;
    try {
      host.wanted.codec.encodeResult(writer, value);
      return this.#vm.resume(hostCall, writer, this.#wait.leftUs(job));
    } catch (error) {
      transfer?.undo();
      return this.#fail(serving, failureOf(host, error, 'result'));
    } finally {
      scratch.giveBack(writer);
    }
  }

  /** What the guest would own now, it never gets. */
  #discard(host: HostFunction, value: unknown): void {
    const handles = new Handles(Number.POSITIVE_INFINITY, undefined);
    const writer = takeWriter(this.#bytesMax, 'maxRequestBytes');
    writer.transfer = new Transfer(handles);
    try {
      host.wanted.codec.encodeResult(writer, value);
    } catch {
      // It would have been refused, and then it were the host's still.
      writer.transfer.undo();
    } finally {
      giveBack(writer);
      void handles.end();
    }
  }

  #threw(serving: Serving, thrown: unknown): CallStatus {
    const { hostCall, job, host } = serving;
    if (job.settled) return CallStatus.PENDING;
    if (isA(thrown, OverLimit)) return this.#fail(serving, thrown.error);
    if (isA(thrown, Oversized)) {
      return this.#fail(serving, oversized(`what ${host.wanted.name} is given`, this.#replyBytesMax));
    }
    if (!isA(thrown, WitError)) {
      const ours = isA(thrown, Malformed);
      return this.#fail(
        serving,
        ours ? failureOf(host, thrown, 'args') : new HostFunctionError(host.wanted.name, thrown),
      );
    }
    const { scratch } = this.#vm;
    const writer = scratch.takeWriter(this.#bytesMax, 'maxRequestBytes');
    const transfer = transferOf(job);
    writer.transfer = transfer;
    try {
      const hasErrCase = host.wanted.codec.encodeError(writer, thrown.payload);
      return hasErrCase
        ? this.#vm.resume(hostCall, writer, this.#wait.leftUs(job))
        : this.#fail(serving, new HostFunctionError(host.wanted.name, thrown));
    } catch (error) {
      transfer?.undo();
      return this.#fail(serving, failureOf(host, error, 'payload'));
    } finally {
      scratch.giveBack(writer);
    }
  }

  #fail({ hostCall, job }: Pick<Serving, 'hostCall' | 'job'>, error: HyperlightError): CallStatus {
    if (error.code === 'ERR_HL_PROTOCOL') {
      this.#vm.condemn();
      // Whatever failed before: that guest is not believed again, and its caller has to know.
      job.hostError = error;
    }
    // What a guest calls after a function has failed is not what ended the call.
    job.hostError ??= error;
    return this.#vm.refuse(hostCall, FAILED);
  }
}

/** What its guest still asks for, it does not get. */
const hasLied = (job: CallJob): boolean => job.hostError?.code === 'ERR_HL_PROTOCOL';

/** What a result carries over, it does for the call that is under way. */
function transferOf({ transfer }: CallJob): Transfer | undefined {
  return transfer && new Transfer(transfer.handles);
}

function failureOf(host: HostFunction, error: unknown, root: string): HyperlightError {
  if (isA(error, Malformed)) {
    return new InternalError(
      'ERR_HL_PROTOCOL',
      `the arguments for ${host.wanted.name} are no values of its types: ${error.message}`,
    );
  }
  if (isA(error, LimitError)) {
    return new LimitError(error.limit, `what ${host.wanted.name} answers: ${error.message}`);
  }
  return new HostFunctionError(host.wanted.name, isA(error, Mismatch) ? error.toUserError(root) : error);
}

/** `instanceof` for what a user's code threw: of a proxy that cannot even be asked, it is false. */
function isA<T>(thrown: unknown, classOf: abstract new (...args: never[]) => T): thrown is T {
  try {
    return thrown instanceof classOf;
  } catch {
    return false;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
