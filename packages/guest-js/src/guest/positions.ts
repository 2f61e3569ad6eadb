// Owns the way from a position in the bundle back to the author's file and line, at run time.

/** Left behind by the build at the end of the bundle. */
export interface Positions {
  /** Name of the bundle in stack traces. */
  bundle: string;
  sources: readonly string[];
  /**
   * Triples: first line in the bundle, index of the source, line there. Holds for the lines that follow, up to
   * the next triple. Index -1: nobody's line. Index -2: code of this package, left out of traces.
   */
  runs: readonly number[];
}

export const NOBODY = -1;
export const OURS = -2;

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

/** A stack trace of either engine in one shape, `    at quote (src/plugin.ts:12)`. */
export function original(stack: string, positions: Positions | undefined): string {
  const frames: string[] = [];
  for (const line of stack.split('\n')) {
    const frame = frameOf(line);
    if (!frame) continue;
    const isBundle = positions !== undefined && frame.file.endsWith(positions.bundle);
    const place = isBundle ? find(positions, frame.line) : undefined;
    // Neither our code nor what the bundler added means anything to the author.
    if (place === OURS || (isBundle && place === undefined)) continue;
    const where = place ? `${place.source}:${place.line}` : `${frame.file}:${frame.line}`;
    frames.push(frame.name === '' ? `    at ${where}` : `    at ${frame.name} (${where})`);
  }
  return frames.join('\n');
}

interface Frame {
  name: string;
  file: string;
  line: number;
}

/** QuickJS writes `    at quote (/guest.js:7:42)`, StarlingMonkey `quote@guest.js:7:42`. */
function frameOf(line: string): Frame | undefined {
  const quickjs = /^\s*at (?:(.*) \()?(.*?):(\d+)(?::\d+)?\)?$/.exec(line);
  const starlingmonkey = /^\s*([^@\s]*)@(.*?):(\d+):\d+$/.exec(line);
  const [, name, file, at] = quickjs ?? starlingmonkey ?? [];
  if (file === undefined || /initializer\.js$/.test(file)) return undefined;
  return { name: name ?? '', file, line: Number(at) };
}

/** The author's place for a line of the bundle. */
export function find(
  { runs, sources }: Positions,
  line: number,
): { source: string; line: number } | typeof OURS | undefined {
  for (let at = runs.length - 3; at >= 0; at -= 3) {
    const [first, source, there] = runs.slice(at, at + 3) as [number, number, number];
    if (first > line) continue;
    if (source === OURS) return OURS;
    return source === NOBODY ? undefined : { source: sources[source] as string, line: there + line - first };
  }
  return undefined;
}
