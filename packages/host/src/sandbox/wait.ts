// Owns how long a call waits for its answer without going through the event loop.
//
// Waiting is worth it for a call that answers sooner than the event loop could be woken, and it is bounded twice:
// each wait by what the sandbox's last calls took, and all waits together by what one turn of the loop may lose.
import { availableParallelism } from 'node:os';

/** The longest wait of one call, host functions that it calls meanwhile included. */
const WAIT_US_MAX = 300;
/** A sandbox of which nothing is known yet. */
const WAIT_US_FIRST = 150;
/** A call that is silent for longer than this is left to the event loop. */
const SHORT_CALL_US = 200;
/** Longer than this counts no more: one call of seconds must not turn waiting off for a hundred short ones. */
const LONG_CALL_US = 1_000;
/** What must be added to a call's own time: the reset of the call before, and the way back. */
const MARGIN_US = 100;
/** Timers and sockets get their turn at least this often, however many calls are answered at once. */
const TURN_US_MAX = 2_000;
/** A turn that has lost less so far is not watched: making an immediate costs as much as a short call. */
const TURN_US_WATCHED = 500;
/** What a call takes besides its time in the VM. */
const CALL_US = 1;
/** Weight of the newest call in the average, as a power of two. */
const SMOOTHING = 8;
/** Host calls served in place between two looks at the clock. */
const CLOCK_EVERY = 8;

let spentUs = 0;
let turnIsWatched = false;

function endTurn(): void {
  spentUs = 0;
  turnIsWatched = false;
}

/** What is known of one call's wait. */
export interface Waiting {
  /** What is left; 0: it waits no more. */
  waitUs: number;
  hostCallsInPlace: number;
  waitEndsMs: number;
}

export class Wait {
  #averageUs = WAIT_US_FIRST - MARGIN_US;
  readonly #isAlone: boolean;

  /** On a single core, whoever waits keeps the VM from running. */
  constructor(cores = availableParallelism()) {
    this.#isAlone = cores === 1;
  }

  /** Microseconds that the next call may wait; 0 if it shall not. */
  budgetUs(): number {
    if (this.#averageUs > SHORT_CALL_US || spentUs >= TURN_US_MAX || this.#isAlone) return 0;
    return Math.min(WAIT_US_MAX, Math.ceil(this.#averageUs) + MARGIN_US);
  }

  /** The call goes on after something that it waited for: its wait begins anew. */
  begin(call: Waiting): void {
    call.waitUs = this.budgetUs();
    call.hostCallsInPlace = 0;
  }

  /** A host call was served in place: what is left of the call's wait. */
  leftUs(call: Waiting): number {
    if (call.waitUs === 0) return 0;
    if (call.hostCallsInPlace++ % CLOCK_EVERY === 0) {
      const now = performance.now();
      if (call.hostCallsInPlace === 1) call.waitEndsMs = now + WAIT_US_MAX / 1_000;
      else if (now >= call.waitEndsMs) {
        this.spend(WAIT_US_MAX);
        call.waitUs = 0;
      }
    }
    return call.waitUs;
  }

  /** A call was answered within its wait; `guestMicros` without its host functions. */
  answered(guestMicros: number, hostCalls: number): void {
    this.learn(guestMicros, hostCalls);
    this.spend(guestMicros + CALL_US);
  }

  /**
   * How long a call took without its host functions, by whichever way its answer came. Each host call was an answer,
   * too: what counts is how long one of them takes.
   */
  learn(guestMicros: number, hostCalls: number): void {
    const micros = guestMicros / (hostCalls + 1);
    this.#averageUs += (Math.min(micros, LONG_CALL_US) - this.#averageUs) / SMOOTHING;
  }

  /** The event loop stood still for so long. */
  spend(micros: number): void {
    spentUs += micros;
    if (spentUs >= TURN_US_WATCHED && !turnIsWatched) watchTurn();
  }
}

function watchTurn(): void {
  turnIsWatched = true;
  // Unreferenced: it must not keep a process alive that has nothing else to do.
  setImmediate(endTurn).unref();
}
