// Owns how rows of text become a table on a terminal.

export interface Column {
  title: string;
  align: 'left' | 'right';
}

const GAP = '  ';

/** The last row is a total and stands apart. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map(({ title }) => title);
  const widths = columns.map((_, index) =>
    Math.max(...[titles, ...rows].map((row) => (row[index] ?? '').length)),
  );
  const format = (row: readonly string[]) =>
    columns
      .map(({ align }, index) => {
        const [cell, width] = [row[index] ?? '', widths[index] ?? 0];
        return align === 'left' ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(GAP)
      .trimEnd();
  const line = widths.map((width) => '─'.repeat(width)).join(GAP);
  return [format(titles), line, ...rows.slice(0, -1).map(format), line, ...rows.slice(-1).map(format)].join(
    '\n',
  );
}

export function formatNumber(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
