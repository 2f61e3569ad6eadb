// Owns telling where a function of a profile comes from: its place in our sources, or what else it is.
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../paths.js';

/** As the inspector names a function; lines and columns count from 0. */
export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
}

export const PARTS = [
  'values (src/codec)',
  'order and count (src/sandbox)',
  'pool (src/pool)',
  'rest of @hl/host',
  'add-on and VM',
  'V8 and Node',
  'garbage collector',
  'the caller',
  'idle',
] as const;
export type Part = (typeof PARTS)[number];

export interface Place {
  readonly name: string;
  /** `packages/host/src/codec/writer.ts:12`, `node:buffer`, or nothing where it is native. */
  readonly at: string;
  readonly part: Part;
}

const ADD_ON: Place = { name: '(add-on and VM)', at: '', part: 'add-on and VM' };
const HOST = 'packages/host/src/';

export class Positions {
  readonly #addOn: ReadonlySet<string>;
  readonly #maps = new Map<string, SourceMap | undefined>();

  /** `addOn` are names of functions of add-ons. */
  constructor(addOn: Iterable<string>) {
    this.#addOn = new Set(addOn);
  }

  placeOf({ functionName, url, lineNumber, columnNumber }: CallFrame): Place {
    const name = functionName === '' ? '(anonymous)' : functionName;
    if (url === '') return this.#native(name);
    // The heap's profile has paths where the CPU's has URLs.
    const file = url.startsWith('file:') ? fileURLToPath(url) : url;
    if (!isAbsolute(file)) return { name, at: url, part: 'V8 and Node' };
    const { path, line } = this.#original(file, lineNumber, columnNumber);
    const at = relative(root, path);
    return { name, at: `${at}:${line + 1}`, part: partOf(at) };
  }

  #native(name: string): Place {
    if (this.#addOn.has(name)) return ADD_ON;
    if (name === '(idle)') return { name, at: '', part: 'idle' };
    if (name === '(garbage collector)') return { name, at: '', part: 'garbage collector' };
    return { name, at: '', part: 'V8 and Node' };
  }

  #original(path: string, line: number, column: number): { path: string; line: number } {
    const entry = this.#mapOf(path)?.findEntry(line, column);
    if (entry === undefined || !('originalSource' in entry)) return { path, line };
    return { path: resolve(dirname(path), entry.originalSource), line: entry.originalLine };
  }

  #mapOf(path: string): SourceMap | undefined {
    if (!this.#maps.has(path)) {
      const file = `${path}.map`;
      const map = existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
      this.#maps.set(path, map);
    }
    return this.#maps.get(path);
  }
}

function partOf(at: string): Part {
  if (at.startsWith(`${HOST}codec/`)) return 'values (src/codec)';
  if (at.startsWith(`${HOST}sandbox/`)) return 'order and count (src/sandbox)';
  if (at.startsWith(`${HOST}pool`)) return 'pool (src/pool)';
  return at.startsWith('packages/host/') ? 'rest of @hl/host' : 'the caller';
}
