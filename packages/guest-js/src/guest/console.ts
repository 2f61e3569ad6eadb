// Owns `console` for both engines: as in Node.js, what is meant for reading goes to stdout and what warns to stderr.
import { format } from './format.js';
import { original } from './positions.js';
import { table } from './table.js';

type Log = (...values: unknown[]) => void;

/** A console over two functions that write one text, which may have several lines, and end it. */
export function consoleOver(writeOut: (text: string) => void, writeError: (text: string) => void) {
  const lines = new Lines();
  const out: Log = (...values) => writeOut(lines.of(values));
  const err: Log = (...values) => writeError(lines.of(values));
  const group: Log = (...values) => {
    if (values.length > 0) out(...values);
    lines.indent += '  ';
  };
  return {
    log: out,
    info: out,
    debug: out,
    dirxml: out,
    dir: (value: unknown) => out('%O', value),
    table: (data: unknown, columns?: readonly string[]) => out('%s', table(data, columns) ?? data),
    warn: err,
    error: err,
    trace: (...values: unknown[]) => {
      const frames = original(new Error().stack ?? '', globalThis.__hlPositions);
      err(
        '%s',
        `Trace${values.length > 0 ? `: ${format(values)}` : ''}${frames === '' ? '' : `\n${frames}`}`,
      );
    },
    assert: (condition?: unknown, ...values: unknown[]) => {
      if (condition) return;
      const [first, ...rest] = values;
      if (values.length === 0) err('Assertion failed');
      else if (typeof first === 'string') err(`Assertion failed: ${first}`, ...rest);
      else err('Assertion failed:', ...values);
    },
    group,
    groupCollapsed: group,
    groupEnd: () => {
      lines.indent = lines.indent.slice(2);
    },
    ...counters(out, err),
    ...timers(out, err),
  };
}

class Lines {
  indent = '';

  of(values: readonly unknown[]): string {
    const text = format(values);
    return this.indent === '' ? text : this.indent + text.replaceAll('\n', `\n${this.indent}`);
  }
}

function counters(out: Log, err: Log) {
  const counts = new Map<string, number>();
  return {
    count: (label = 'default') => {
      const count = (counts.get(label) ?? 0) + 1;
      counts.set(label, count);
      out('%s', `${label}: ${count}`);
    },
    countReset: (label = 'default') => {
      if (!counts.delete(label)) err('%s', `there is no count '${label}'`);
    },
  };
}

function timers(out: Log, err: Log) {
  const started = new Map<string, number>();
  const tell = (label: string, values: readonly unknown[]): void => {
    const since = started.get(label);
    if (since === undefined) err('%s', `there is no timer '${label}'`);
    else out(`${label.replaceAll('%', '%%')}: %sms`, (performance.now() - since).toFixed(3), ...values);
  };
  return {
    time: (label = 'default') => {
      if (started.has(label)) err('%s', `there is a timer '${label}' already`);
      else started.set(label, performance.now());
    },
    timeLog: (label = 'default', ...values: unknown[]) => tell(label, values),
    timeEnd: (label = 'default') => {
      tell(label, []);
      started.delete(label);
    },
  };
}
