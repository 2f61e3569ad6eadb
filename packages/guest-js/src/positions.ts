// Owns the way from a position in the bundle back to the author's: the table in the guest, and the map beside it.
import { dirname, relative, resolve } from 'node:path';
import { decode, encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec';
import { BUNDLE_NAME } from './bundle.js';
import { LINES_PER_PART, OURS, type Positions } from './guest/positions.js';
import { guestFolder } from './guest-folder.js';

export type { Positions } from './guest/positions.js';

/** What esbuild writes; its sources are relative to the working directory. */
interface SourceMapText {
  sources: string[];
  mappings: string;
}

/** The table that goes into the guest: as small as traces allow. */
export function readPositions(map: string): Positions {
  const { sources: paths, mappings } = JSON.parse(map) as SourceMapText;
  const sources = paths.map(shown);
  const isOurs = (source: number) => sources[source] === OURS;
  const lines = decode(mappings).map((segments) => withoutFollowing(segments, isOurs));
  const parts: string[] = [];
  for (let at = 0; at < lines.length; at += LINES_PER_PART) {
    parts.push(encode(lines.slice(at, at + LINES_PER_PART)));
  }
  return { bundle: BUNDLE_NAME, sources, parts };
}

/** Without each segment that stands where the one before it already leads to. Where in our code is never asked. */
function withoutFollowing(
  segments: SourceMapSegment[],
  isOurs: (source: number) => boolean,
): SourceMapSegment[] {
  const kept: SourceMapSegment[] = [];
  for (const [column, source, line = 0, there = 0] of segments) {
    const last = kept.at(-1);
    if (source === undefined) kept.push([column]);
    else if (isOurs(source)) {
      if (last?.[1] !== source) kept.push([column, source, 0, 0]);
    } else if (last?.[1] !== source || last[2] !== line || (last[3] ?? 0) - last[0] !== there - column) {
      kept.push([column, source, line, there]);
    }
  }
  return kept;
}

function shown(source: string): string {
  const path = resolve(source);
  return source.startsWith('hl:') || path.startsWith(guestFolder) ? OURS : relative(process.cwd(), path);
}

/** The source map as it lies beside `out`, from where its sources are found. */
export function sourceMapFor(map: string, out: string): string {
  const parsed = JSON.parse(map) as SourceMapText;
  const folder = dirname(resolve(out));
  const sources = parsed.sources.map((source) =>
    source.startsWith('hl:') ? source : relative(folder, resolve(source)),
  );
  return `${JSON.stringify({ ...parsed, file: BUNDLE_NAME, sources })}\n`;
}
