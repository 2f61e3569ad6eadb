// Owns the one error class that users of this package meet.

/** What is wrong with the WIT, the options or the files; the message says where and what to do. */
export class BindgenError extends Error {
  override readonly name = 'BindgenError';
  readonly code = 'ERR_HL_BINDGEN';
}

/** What is wrong with one item of a world. Whoever has the text of the WIT says where that is. */
export class ItemError extends BindgenError {
  /** The item's key among `ParsedWorld.places`. */
  readonly item: string;

  constructor(message: string, item: string) {
    super(message);
    this.item = item;
  }
}
