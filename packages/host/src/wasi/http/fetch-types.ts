// Owns the names of Fetch's types in our public ones, for programs whose TypeScript knows them and for those without.

interface HeadersShape extends Iterable<[string, string]> {
  get(name: string): string | null;
  has(name: string): boolean;
}

interface MessageShape {
  readonly headers: HeadersShape;
  readonly bodyUsed: boolean;
  text(): Promise<string>;
  json(): Promise<unknown>;
  arrayBuffer(): Promise<ArrayBuffer>;
}

interface RequestShape extends MessageShape {
  readonly method: string;
  readonly url: string;
}

interface ResponseShape extends MessageShape {
  readonly status: number;
  readonly ok: boolean;
}

/** The global `Request`, or what can be said of it where neither @types/node nor DOM is there. */
export type FetchRequest = typeof globalThis extends { Request: { prototype: infer Type } }
  ? Type
  : RequestShape;
/** The global `Response`, likewise. */
export type FetchResponse = typeof globalThis extends { Response: { prototype: infer Type } }
  ? Type
  : ResponseShape;
