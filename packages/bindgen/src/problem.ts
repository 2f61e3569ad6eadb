// Owns what is said about a mistake in WIT: file, line and column, what is wrong, and the line with a caret below it.
import type { WitFile } from './folder.js';
import type { Location, WitProblem } from './parser.js';

/** A line is shown with at most this much of it, around the place in question. */
const SHOWN_MAX = 120;
const TAB = 9;

/** The message for whoever reads it: `source` is the folder or file that was read, `files` what was in it. */
export function explain(problem: WitProblem, source: string, files: readonly WitFile[]): string {
  const { location } = problem;
  const message = `${problem.message}${hint(problem.message, files)}`;
  if (location === undefined) return `${source}: ${message}`;
  // A file that stands alone has but its own name.
  const isAlone = files.length === 1 && files[0]?.[0] === source.split('/').at(-1);
  const file = isAlone ? source : `${source}/${location.file}`;
  const text = files.find(([path]) => path === location.file)?.[1];
  const line = text?.split('\n')[location.line - 1]?.replace(/\r$/, '');
  if (line === undefined) return `${file}:${location.line}:${location.column}: ${message}`;
  const { column, width } = inCharacters(line, location);
  return `${file}:${location.line}:${column + 1}: ${message}\n${excerpt(line, location.line, column, width)}`;
}

function hint(message: string, files: readonly WitFile[]): string {
  if (message.includes('choose one of')) return ' (--world NAME)';
  const isAbout = /feature not being activated|has no world/.test(message);
  if (!isAbout || !files.some(([, text]) => text.includes('@unstable'))) return '';
  return ' (--features NAME takes in what is marked as @unstable)';
}

/** The parser counts bytes. */
function inCharacters(line: string, { column, width }: Location): { column: number; width: number } {
  const bytes = new TextEncoder().encode(line);
  const characters = (end: number) => new TextDecoder().decode(bytes.subarray(0, end)).length;
  const start = characters(column - 1);
  return { column: start, width: Math.max(1, characters(column - 1 + width) - start) };
}

/** ` 12 | world {` and below it the caret. */
function excerpt(line: string, number: number, column: number, width: number): string {
  const from = line.length <= SHOWN_MAX ? 0 : Math.max(0, Math.min(column - 40, line.length - SHOWN_MAX));
  const to = Math.min(line.length, from + SHOWN_MAX);
  const text = harmless(line.slice(from, to));
  const before = from > 0 ? '…' : '';
  // The same white space above and below, so that the caret stands right however wide a tab is.
  const space = Array.from(text.slice(0, column - from), (one) => (one === '\t' ? '\t' : ' ')).join('');
  const marks = '^'.repeat(Math.max(1, Math.min(width, to - column)));
  const margin = ` ${number} | `;
  const below = `${' '.repeat(margin.length - 2)}| `;
  return `${margin}${before}${text}${to < line.length ? '…' : ''}\n${below}${' '.repeat(before.length)}${space}${marks}`;
}

/** What would move a terminal's cursor, or turn the text around, is shown as what it is: something else. */
function harmless(text: string): string {
  return Array.from({ length: text.length }, (_, at) => {
    const code = text.charCodeAt(at);
    const isControl = (code < 0x20 && code !== TAB) || (code >= 0x7f && code < 0xa0);
    const turnsAround = code === 0x200e || code === 0x200f || (code >= 0x2028 && code <= 0x202e);
    return isControl || turnsAround || (code >= 0x2066 && code <= 0x2069) ? '\ufffd' : text[at];
  }).join('');
}
