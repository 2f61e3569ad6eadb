// Owns how figures look to people: rows of text, for the terminal and for Markdown.

export interface Table {
  readonly title?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Below it, numbered from 1: cells refer to them. */
  readonly notes?: readonly string[];
  /** How many columns are words. */
  readonly words?: number;
}

export function asText({ title, head, rows, notes = [], words = 1 }: Table): string {
  const widths = head.map((text, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]!.length), text.length),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column < words ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  return [
    ...(title === undefined ? [] : [title]),
    line(head),
    widths.map((width) => '-'.repeat(width)).join('  '),
    ...rows.map(line),
    ...notes.map((note, index) => `(${index + 1}) ${note}`),
  ].join('\n');
}

export function asMarkdown({ title, head, rows, notes = [], words = 1 }: Table): string {
  const line = (row: readonly string[]) => `| ${row.map(escaped).join(' | ')} |`;
  return [
    ...(title === undefined ? [] : [`## ${title}`, '']),
    line(head),
    line(head.map((_, column) => (column < words ? '---' : '--:'))),
    ...rows.map(line),
    ...(notes.length === 0 ? [] : ['', notes.map((note, index) => `(${index + 1}) ${note}.`).join(' ')]),
  ].join('\n');
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** Three digits are all that repeated runs agree on. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(value >= 10 ? 1 : 2);
}
