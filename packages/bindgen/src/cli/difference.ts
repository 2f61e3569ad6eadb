// Owns how `--check` says in what a file differs: the first line that does, as it is and as it should be.

/** So much of a line is shown, around the first character that differs. */
const SHOWN_MAX = 140;

/** Two lines that begin with `-` and `+`, below where in the file they stand. */
export function firstDifference(present: string, wanted: string): string {
  const before = present.replaceAll('\r\n', '\n').split('\n');
  const after = wanted.split('\n');
  const index = common(before, after);
  const rest = common(before.slice(index).reverse(), after.slice(index).reverse());
  const lines = Math.max(before.length, after.length) - index - rest;
  const more = lines > 1 ? `, ${lines} lines in all` : '';
  const [old = '', now = ''] = [before[index], after[index]];
  const from = Math.max(0, common(old, now) - SHOWN_MAX / 2);
  return `first in line ${index + 1}${more}:\n${line('-', before[index], from)}\n${line('+', after[index], from)}`;
}

function line(sign: string, text: string | undefined, from: number): string {
  if (text === undefined) return `  ${sign} (the file ends)`;
  const start = from > 0 ? '…' : '';
  const end = text.length > from + SHOWN_MAX ? '…' : '';
  return `  ${sign} ${start}${text.slice(from, from + SHOWN_MAX)}${end}`;
}

/** How many elements are the same from the start. */
function common(one: ArrayLike<string>, other: ArrayLike<string>): number {
  let length = 0;
  while (length < one.length && length < other.length && one[length] === other[length]) length += 1;
  return length;
}
