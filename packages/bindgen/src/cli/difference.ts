// Owns how `--check` says in what a file differs: the first line that does, as it is and as it should be.

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
  return `first in line ${index + 1}${more}:\n${line('-', before[index])}\n${line('+', after[index])}`;
}

function line(sign: string, text: string | undefined): string {
  if (text === undefined) return `  ${sign} (the file ends)`;
  return `  ${sign} ${text.length > 140 ? `${text.slice(0, 140)}…` : text}`;
}
