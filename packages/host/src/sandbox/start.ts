// Owns the start of a VM: pending from the add-on's call until it says how that went.
import { InternalError } from '../errors/classes.js';

export class Start {
  #settle: ((error: Error | undefined) => void) | undefined;

  /** Nothing can be asked of the VM yet. */
  get isPending(): boolean {
    return this.#settle !== undefined;
  }

  /** `create` asks the add-on for a VM. */
  begin(create: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = (error) => (error === undefined ? resolve() : reject(error));
      try {
        create();
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        reject(new InternalError('ERR_HL_INTERNAL', `create: ${why}`, { cause }));
      }
    });
  }

  /** Answers whether it was pending. */
  over(error: Error | undefined): boolean {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(error);
    return settle !== undefined;
  }
}
