// Owns the few shapes of Node's that our public types name, so that they need neither @types/node nor DOM.

/** What is used of an `AbortSignal`. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What is used of a `URL`. */
export interface UrlLike {
  readonly href: string;
  readonly protocol: string;
}
