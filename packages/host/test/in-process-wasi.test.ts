// The isolated WASI of this process: the same functions, answered the same way, as inside the VM.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Answer, answerOf } from '../src/in-process/worker/wasi-names.ts';

const source = readFileSync(new URL('../../../guest-rust/engine/src/wasi.rs', import.meta.url), 'utf8');

interface Row {
  readonly name: string;
  readonly pattern: string;
  readonly answer: Answer;
}

/** The runtime's own table, read from its source. */
function rows(): Row[] {
  const table = source.slice(source.indexOf('pub const INTERFACES'), source.indexOf('#[cfg(test)]'));
  const interfaces = [...table.matchAll(/\(\s*"([a-z]+\/[a-z-]+)",\s*&\[([\s\S]*?)\],?\s*\)/g)];
  return interfaces.flatMap(([, name, functions]) =>
    [...functions!.matchAll(/\("([^"]+)", (Served|Empty|Refused)(?:\("?([^")]+)"?\))?/g)].map(
      ([, pattern, kind, as]) => ({
        name: name!,
        pattern: pattern!,
        answer:
          kind === 'Refused'
            ? { kind: 'refused', as: as! }
            : { kind: kind === 'Served' ? 'served' : 'empty' },
      }),
    ),
  );
}

test('every function answers as the runtime does', () => {
  const all = rows();
  expect(new Set(all.map((row) => row.name)).size).toBeGreaterThan(25);
  expect(all.length).toBeGreaterThan(50);
  const differing = all.flatMap(({ name, pattern, answer }) => {
    const here = answerOf(`wasi:${name}@0.2.6`, pattern.replace('*', 'x'));
    return JSON.stringify(here) === JSON.stringify(answer) ? [] : [{ name, pattern, answer, here }];
  });
  expect(differing).toEqual([]);
});

test('only WASI 0.2 is served, and nothing that a component exports', () => {
  for (const name of [
    'wasi:cli/exit@0.3.0',
    'wasi:cli/exit',
    'acme:cli/exit@0.2.0',
    'wasi:nn/graph@0.2.0',
    'wasi:cli/run@0.2.0',
  ]) {
    expect(answerOf(name, 'exit'), name).toBeUndefined();
  }
});
