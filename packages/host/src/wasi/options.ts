// Owns the option `wasi`: its types, and that what is wrong with it is said by name.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { UrlLike } from '../structural.js';
import type { Clocks } from './clocks.js';
import type { Access } from './filesystem/descriptor.js';
import type { Preopen } from './filesystem/preopens.js';
import type { HttpHandler } from './http/outgoing-handler.js';
import { isStdin, type StdinOption } from './standard-streams.js';

/** A folder of the host's that a guest may use. */
export interface PreopenOption {
  /** From the current directory, or a `file:` URL. */
  readonly path: string | UrlLike;
  readonly access: 'read' | 'read-write';
}

/** What a guest is granted of WASI. Whatever is left out stays isolated in the VM. */
export interface WasiOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The first one is the program's name. */
  readonly args?: readonly string[];
  readonly stdin?: StdinOption;
  /** Folders by the path under which the guest finds them. It cannot leave them, by links neither. */
  readonly preopens?: Readonly<Record<string, PreopenOption>>;
  /** Answers the guest's HTTP requests: what it lets through is what the guest may reach. */
  readonly http?: HttpHandler;
  readonly clocks?: Clocks;
}

/** The option after a look at each part. */
export interface ParsedWasi {
  readonly env: readonly (readonly [string, string])[] | undefined;
  readonly args: readonly string[] | undefined;
  readonly stdin: StdinOption | undefined;
  readonly preopens: readonly Preopen[] | undefined;
  readonly http: HttpHandler | undefined;
  readonly clocks: Clocks;
}

const KNOWN = ['env', 'args', 'stdin', 'preopens', 'http', 'clocks'];

/** `undefined` where nothing is granted. Throws a TypeError that names what is wrong. */
export function parseWasi(value: unknown): ParsedWasi | undefined {
  if (value === undefined) return undefined;
  const given = object('wasi', value);
  for (const name of Object.keys(given)) {
    if (!KNOWN.includes(name) && given[name] !== undefined) {
      throw new TypeError(`wasi.${name}: there is no such option; there are ${KNOWN.join(', ')}`);
    }
  }
  return {
    env: parseEnv(given['env']),
    args: parseArgs(given['args']),
    stdin: parseStdin(given['stdin']),
    preopens: parsePreopens(given['preopens']),
    http: parseHttp(given['http']),
    clocks: parseClocks(given['clocks']),
  };
}

function object(path: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new TypeError(`${path}: expected object, got ${kindOf(value)}`);
}

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

/** Programs cut these at the NUL, and a name at the equals sign. */
function text(path: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${path}: expected string, got ${kindOf(value)}`);
  if (value.includes('\0')) throw new TypeError(`${path}: it has a NUL`);
  return value;
}

function parseEnv(value: unknown): [string, string][] | undefined {
  if (value === undefined) return undefined;
  return Object.entries(object('wasi.env', value)).flatMap(([name, one]): [string, string][] => {
    if (one === undefined) return [];
    if (name === '' || /[=\0]/.test(name)) throw new TypeError(`wasi.env['${name}']: no such name can be`);
    return [[name, text(`wasi.env['${name}']`, one)]];
  });
}

function parseArgs(value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw new TypeError(`wasi.args: expected array, got ${kindOf(value)}`);
  return value.map((one, index) => text(`wasi.args[${index}]`, one));
}

function parseStdin(value: unknown): StdinOption | undefined {
  // Copied: what the caller does to it later is not what was granted.
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (value === undefined || isStdin(value)) return value;
  throw new TypeError(
    `wasi.stdin: expected string, Uint8Array, iterable or ReadableStream, got ${kindOf(value)}`,
  );
}

function parsePreopens(value: unknown): Preopen[] | undefined {
  if (value === undefined) return undefined;
  return Object.entries(object('wasi.preopens', value)).map(([guestPath, one]) => {
    const path = `wasi.preopens['${guestPath}']`;
    if (guestPath === '' || guestPath.includes('\0')) throw new TypeError(`${path}: no such path can be`);
    const { path: hostPath, access } = object(path, one);
    return { guestPath, hostPath: parseFolder(`${path}.path`, hostPath), access: parseAccess(path, access) };
  });
}

function parseFolder(path: string, value: unknown): string {
  const isUrl = typeof value === 'object' && value !== null && typeof (value as UrlLike).href === 'string';
  if (!isUrl) return resolve(text(path, value));
  const { href, protocol } = value as UrlLike;
  if (protocol !== 'file:') throw new TypeError(`${path}: expected a file: URL, got ${protocol}`);
  return fileURLToPath(href);
}

function parseAccess(path: string, value: unknown): Access {
  if (value === 'read' || value === 'read-write') return value;
  const got = typeof value === 'string' ? `'${value}'` : kindOf(value);
  throw new TypeError(`${path}.access: expected 'read' or 'read-write', got ${got}`);
}

function parseHttp(value: unknown): HttpHandler | undefined {
  if (value === undefined || typeof value === 'function') return value as HttpHandler | undefined;
  throw new TypeError(`wasi.http: expected function from Request to Response, got ${kindOf(value)}`);
}

function parseClocks(value: unknown): Clocks {
  if (value === undefined) return 'real';
  if (value === 'real' || value === 'frozen') return value;
  if (typeof value === 'object' && value !== null && typeof (value as { now?: unknown }).now === 'function') {
    return value as Clocks;
  }
  const got = typeof value === 'string' ? `'${value}'` : kindOf(value);
  throw new TypeError(`wasi.clocks: expected 'real', 'frozen' or an object with now(), got ${got}`);
}
