// Owns the table from the bundle's lines to the author's, made at the build from the source map.
import { SourceMap } from 'node:module';
import { relative, resolve } from 'node:path';
import { BUNDLE_NAME } from './bundle.js';
import { NOBODY, OURS, type Positions } from './guest/positions.js';
import { guestFolder } from './guest-folder.js';

export type { Positions } from './guest/positions.js';

/** Runs of lines that follow each other on both sides, which is nearly all of a bundle that is not minified. */
export function readPositions(code: string, map: string): Positions {
  const sourceMap = new SourceMap(JSON.parse(map));
  const sources: string[] = [];
  const runs: number[] = [];
  let expected: string | undefined;
  const lines = code.split('\n').length;
  for (let line = 1; line <= lines; line++) {
    // The last mapping of the line: calls stand behind what they assign to.
    const entry = sourceMap.findEntry(line - 1, Number.MAX_SAFE_INTEGER);
    const isHere = 'originalSource' in entry && entry.generatedLine === line - 1;
    const source = isHere ? indexOf(sources, entry.originalSource) : NOBODY;
    const there = isHere && source >= 0 ? entry.originalLine + 1 : 0;
    if (expected !== `${source}:${there}`) runs.push(line, source, there);
    expected = `${source}:${source >= 0 ? there + 1 : 0}`;
  }
  return { bundle: BUNDLE_NAME, sources, runs };
}

function indexOf(sources: string[], source: string): number {
  const path = resolve(source);
  if (source.startsWith('hl:') || path.startsWith(guestFolder)) return OURS;
  const shown = relative(process.cwd(), path);
  const at = sources.indexOf(shown);
  return at >= 0 ? at : sources.push(shown) - 1;
}
