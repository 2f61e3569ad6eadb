// Owns answering a guest's call of a host function: values in, the user's function, value or failure out.
import { Buffer } from 'node:buffer';
import type { BindingHostCall } from '../binding.js';
import { Malformed, Mismatch } from '../codec/mismatch.js';
import { giveBack, takeWriter } from '../codec/writer.js';
import type { HyperlightError } from '../errors/base.js';
import { HostFunctionError, InternalError, LimitError, WitError } from '../errors/classes.js';
import type { HostFunction } from './imports.js';
import type { CallJob } from './job.js';
import type { Vm } from './vm.js';

/** What the guest gets to hear of a failure: nothing. The host's error texts are not for it. */
const FAILED = Buffer.from('the host function failed');

export class HostCalls {
  /** Host functions that are on the stack right now. */
  running = 0;
  readonly #vm: Vm;
  readonly #functions: readonly HostFunction[];
  readonly #bytesMax: number;

  constructor(vm: Vm, functions: readonly HostFunction[], bytesMax: number) {
    this.#vm = vm;
    this.#functions = functions;
    this.#bytesMax = bytesMax;
  }

  /** `job` is the call under way, if it is the one that asks. */
  serve(event: BindingHostCall, job: CallJob | undefined): void {
    const host = this.#functions[event.import];
    // A function is called with values of its types only, and while its sandbox is in a call only.
    if (job === undefined || job.settled || host === undefined) this.#refuse(event);
    else this.#run(event, job, host);
  }

  #run(event: BindingHostCall, job: CallJob, host: HostFunction): void {
    let result: unknown;
    this.running++;
    try {
      result = host.run.apply(host.owner, host.wanted.codec.decodeParams(event.arguments));
      if (isThenable(result)) {
        this.#later(event, job, host, result);
        return;
      }
    } catch (thrown) {
      this.#threw(event, job, host, thrown);
      return;
    } finally {
      this.running--;
    }
    this.#returned(event, job, host, result);
  }

  #later(event: BindingHostCall, job: CallJob, host: HostFunction, result: PromiseLike<unknown>): void {
    job.waitsFor = host.wanted.name;
    Promise.resolve(result).then(
      (value) => this.#returned(event, job, host, value),
      (thrown: unknown) => this.#threw(event, job, host, thrown),
    );
  }

  #returned(event: BindingHostCall, job: CallJob, host: HostFunction, value: unknown): void {
    if (job.settled) return;
    job.waitsFor = undefined;
    const writer = takeWriter(this.#bytesMax, 'maxRequestBytes');
    try {
      host.wanted.codec.encodeResult(writer, value);
      this.#vm.reply(event.hostCall, true, writer.finish());
    } catch (error) {
      this.#fail(event, job, failureOf(host, error, 'result'));
    } finally {
      giveBack(writer);
    }
  }

  #threw(event: BindingHostCall, job: CallJob, host: HostFunction, thrown: unknown): void {
    if (job.settled) return;
    job.waitsFor = undefined;
    if (!isA(thrown, WitError)) {
      const ours = isA(thrown, Malformed);
      this.#fail(
        event,
        job,
        ours ? failureOf(host, thrown, 'args') : new HostFunctionError(host.wanted.name, thrown),
      );
      return;
    }
    const writer = takeWriter(this.#bytesMax, 'maxRequestBytes');
    try {
      const hasErrCase = host.wanted.codec.encodeError(writer, thrown.payload);
      if (hasErrCase) this.#vm.reply(event.hostCall, true, writer.finish());
      else this.#fail(event, job, new HostFunctionError(host.wanted.name, thrown));
    } catch (error) {
      this.#fail(event, job, failureOf(host, error, 'payload'));
    } finally {
      giveBack(writer);
    }
  }

  #fail(event: BindingHostCall, job: CallJob, error: HyperlightError): void {
    job.hostError = error;
    this.#refuse(event);
  }

  #refuse(event: BindingHostCall): void {
    this.#vm.reply(event.hostCall, false, FAILED);
  }
}

function failureOf(host: HostFunction, error: unknown, root: string): HyperlightError {
  if (isA(error, Malformed)) {
    return new InternalError(
      'ERR_HL_PROTOCOL',
      `the arguments for ${host.wanted.name} are no values of its types: ${error.message}`,
    );
  }
  if (isA(error, LimitError)) return error;
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
