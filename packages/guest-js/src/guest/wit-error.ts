// Owns the error case of a WIT `result` as an exception: thrown by imports, and by exports of the author.

/** `throw new WitError(payload)` ends a function of type `result<_, E>` with that error. */
export class WitError<Payload = unknown> extends Error {
  override readonly name = 'WitError';
  readonly payload: Payload;

  constructor(payload: Payload) {
    super(typeof payload === 'string' ? payload : 'a WIT function ended with its error case, see payload');
    this.payload = payload;
  }
}
