// Owns `console` for both engines: log, info and debug go to stdout, warn, error and trace to stderr.
import { inspect } from './inspect.js';
import { original } from './positions.js';

type Log = (...values: unknown[]) => void;

/** A console over two functions that write one text, which may have several lines, and end it. */
export function consoleOver(writeOut: (text: string) => void, writeError: (text: string) => void) {
  const lines = new Lines();
  const out: Log = (...values) => writeOut(lines.of(values));
  const err: Log = (...values) => writeError(lines.of(values));
  return {
    log: out,
    info: out,
    debug: out,
    dir: (value: unknown) => out(value),
    table: (value: unknown) => out(value),
    warn: err,
    error: err,
    trace: (...values: unknown[]) =>
      err(...values, `\n${original(new Error().stack ?? '', globalThis.__hlPositions)}`),
    assert: (condition: unknown, ...values: unknown[]) => {
      if (!condition) err('assertion failed', ...values);
    },
    group: (...values: unknown[]) => {
      if (values.length > 0) out(...values);
      lines.indent += '  ';
    },
    groupEnd: () => {
      lines.indent = lines.indent.slice(2);
    },
    ...counters(out),
    ...timers(out),
  };
}

class Lines {
  indent = '';

  of(values: readonly unknown[]): string {
    const text = values.map((value) => inspect(value)).join(' ');
    return this.indent === '' ? text : this.indent + text.replaceAll('\n', `\n${this.indent}`);
  }
}

function counters(out: Log) {
  const counts = new Map<string, number>();
  return {
    count: (label = 'default') => {
      const count = (counts.get(label) ?? 0) + 1;
      counts.set(label, count);
      out(`${label}: ${count}`);
    },
    countReset: (label = 'default') => void counts.delete(label),
  };
}

function timers(out: Log) {
  const started = new Map<string, number>();
  const elapsed = (label: string): string => {
    const since = started.get(label);
    return since === undefined
      ? `${label}: no such timer`
      : `${label}: ${(performance.now() - since).toFixed(3)} ms`;
  };
  return {
    time: (label = 'default') => void started.set(label, performance.now()),
    timeLog: (label = 'default', ...values: unknown[]) => out(elapsed(label), ...values),
    timeEnd: (label = 'default') => {
      out(elapsed(label));
      started.delete(label);
    },
  };
}
