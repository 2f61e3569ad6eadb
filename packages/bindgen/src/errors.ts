// Owns the one error class that users of this package meet.

/** What is wrong with the WIT, the options or the files; the message says where and what to do. */
export class BindgenError extends Error {
  override readonly name = 'BindgenError';
  readonly code = 'ERR_HL_BINDGEN';
}
