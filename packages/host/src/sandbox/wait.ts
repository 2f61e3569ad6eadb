// Owns how long a call waits for its answer without going through the event loop.
//
// Waiting is worth it for a call that answers sooner than the event loop could be woken, and it is bounded twice:
// each wait by what the sandbox's last calls took, and all waits together by what one turn of the loop may lose.

/** The longest wait of one call. */
const WAIT_US_MAX = 300;
/** A sandbox of which nothing is known yet. */
const WAIT_US_FIRST = 150;
/** A call that took longer than this is left to the event loop. */
const SHORT_CALL_US = 200;
/** Longer than this counts no more: one call of seconds must not turn waiting off for a hundred short ones. */
const LONG_CALL_US = 1_000;
/** What must be added to a call's own time: the reset of the call before, and the way back. */
const MARGIN_US = 100;
/** Timers and sockets get their turn at least this often, however many calls are answered at once. */
const TURN_US_MAX = 2_000;
/** Weight of the newest call in the average, as a power of two. */
const SMOOTHING = 8;

let spentUs = 0;
let turnIsCounted = false;

function endTurn(): void {
  spentUs = 0;
  turnIsCounted = false;
}

export class Wait {
  #averageUs = WAIT_US_FIRST - MARGIN_US;

  /** Microseconds that the next call may wait; 0 if it shall not. */
  budgetUs(): number {
    if (this.#averageUs > SHORT_CALL_US || spentUs >= TURN_US_MAX) return 0;
    return Math.min(WAIT_US_MAX, Math.ceil(this.#averageUs) + MARGIN_US);
  }

  /** The call was answered within its wait. */
  answered(micros: number): void {
    this.learn(micros);
    spend(micros);
  }

  /** The call was still under way at the end of its wait. */
  inVain(waitedUs: number): void {
    spend(waitedUs);
  }

  /** How long a call took, by whichever way its answer came. */
  learn(micros: number): void {
    this.#averageUs += (Math.min(micros, LONG_CALL_US) - this.#averageUs) / SMOOTHING;
  }
}

function spend(micros: number): void {
  spentUs += micros;
  if (turnIsCounted) return;
  turnIsCounted = true;
  // Unreferenced: it must not keep a process alive that has nothing else to do.
  setImmediate(endTurn).unref();
}
