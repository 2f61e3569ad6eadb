// Owns the way from a position in the bundle back to the author's file and line, at run time.
import { decode } from '@jridgewell/sourcemap-codec';

/** Left behind by the build at the end of the bundle. */
export interface Positions {
  /** Name of the bundle in stack traces. */
  bundle: string;
  /** As traces name them, or `OURS`. */
  sources: readonly string[];
  /** Mappings of a source map, cut after each `LINES_PER_PART` lines, so that one place needs only one of them. */
  parts: readonly string[];
}

/** Code of this package, which is left out of traces. */
export const OURS = '';
export const LINES_PER_PART = 64;

export interface Place {
  source: string;
  line: number;
  column: number;
}

declare global {
  var __hlPositions: Positions | undefined;
}

/** `threw TypeError: no such sku` and the stack, with the author's files and lines. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const frames = original(error.stack ?? '', globalThis.__hlPositions);
  const cause =
    error.cause === undefined ? '' : `\n  cause: ${describeError(error.cause).replace(/^threw /, '')}`;
  return `threw ${error.name}: ${error.message}${frames === '' ? '' : `\n${frames}`}${cause}`;
}

/** A stack trace of either engine in one shape, `    at quote (src/plugin.ts:12:5)`. */
export function original(stack: string, positions: Positions | undefined): string {
  const frames: string[] = [];
  for (const line of stack.split('\n')) {
    const frame = frameOf(line);
    if (!frame) continue;
    const isBundle = positions !== undefined && frame.file.endsWith(positions.bundle);
    const place = isBundle ? find(positions, frame.line, frame.column) : undefined;
    // Neither our code nor what the bundler added means anything to the author.
    if (isBundle && (place === undefined || place.source === OURS)) continue;
    const where = place ? written(place) : `${frame.file}:${frame.line}:${frame.column}`;
    frames.push(frame.name === '' ? `    at ${where}` : `    at ${frame.name} (${where})`);
  }
  return frames.join('\n');
}

export function written({ source, line, column }: Place): string {
  return `${source}:${line}:${column}`;
}

interface Frame {
  name: string;
  file: string;
  line: number;
  column: number;
}

/** QuickJS writes `    at quote (/guest.js:7:42)`, StarlingMonkey `quote@guest.js:7:42`. */
function frameOf(line: string): Frame | undefined {
  const quickjs = /^\s*at (?:(.*) \()?(.*?):(\d+):(\d+)\)?$/.exec(line);
  const starlingmonkey = /^\s*([^@\s]*)@(.*?):(\d+):(\d+)$/.exec(line);
  const [, name, file, at, column] = quickjs ?? starlingmonkey ?? [];
  if (file === undefined || /initializer\.js$/.test(file)) return undefined;
  return { name: name ?? '', file, line: Number(at), column: Number(column) };
}

/** The author's place for a place in the bundle; all lines and columns count from 1. */
export function find({ parts, sources }: Positions, line: number, column: number): Place | undefined {
  const part = parts[Math.floor((line - 1) / LINES_PER_PART)];
  if (part === undefined) return undefined;
  const segments = decode(part)[(line - 1) % LINES_PER_PART] ?? [];
  const index = Math.max(
    0,
    segments.findLastIndex(([from]) => from < column),
  );
  const [at, source, there, thereColumn] = segments[index] ?? [];
  if (at === undefined || source === undefined) return undefined;
  // Between two segments both sides go on alike, unless the bundler wrote something longer, such as another name.
  const next = segments[index + 1];
  const end = next?.[1] === source && next[2] === there ? (next[3] as number) + 1 : Infinity;
  const went = (thereColumn as number) + Math.max(1, column - at);
  return {
    source: sources[source] as string,
    line: (there as number) + 1,
    column: end > (thereColumn as number) ? Math.min(went, end) : went,
  };
}
