// Owns how `--check` says in what a file differs: the first line that does, as it is and as it should be.

/** So much of a line is shown, around the first character that differs. */
const SHOWN_MAX = 140;

/** Two lines that begin with `-` and `+`, below where in the file they stand. */
export function firstDifference(present: string, wanted: string): string {
  const before = present.replaceAll('\r\n', '\n').split('\n');
  const after = wanted.split('\n');
  const length = Math.max(before.length, after.length);
  const changed = Array.from({ length }, (_, index) => index).filter(
    (index) => before[index] !== after[index],
  );
  const index = changed[0] ?? 0;
  const more = changed.length > 1 ? `, ${changed.length} lines in all` : '';
  const [old = '', now = ''] = [before[index], after[index]];
  const same = Array.from(old).findIndex((one, at) => one !== now[at]);
  const from = Math.max(0, same - SHOWN_MAX / 2);
  return `first in line ${index + 1}${more}:\n${line('-', before[index], from)}\n${line('+', after[index], from)}`;
}

function line(sign: string, text: string | undefined, from: number): string {
  if (text === undefined) return `  ${sign} (the file ends)`;
  const start = from > 0 ? '…' : '';
  const end = text.length > from + SHOWN_MAX ? '…' : '';
  return `  ${sign} ${start}${text.slice(from, from + SHOWN_MAX)}${end}`;
}
