// Shows what an error tells of a call's stderr: its end, whole lines, nothing that steers a terminal,
// nothing that only an engine says.
import { expect, test } from 'vitest';
import { Output } from './output.js';

const bytes = (text: string) => new TextEncoder().encode(text);

test('the end of stderr is kept, whoever listens, until the call is over', () => {
  const output = new Output(undefined, undefined);
  output.write(1, bytes('not this\n'));
  output.write(2, bytes('threw Error: no\n'));
  output.write(2, bytes('    at f (src/plugin.ts:1:2)\n'));
  expect(output.stderrTail()).toBe('threw Error: no\n    at f (src/plugin.ts:1:2)');
  output.callIsOver();
  expect(output.stderrTail()).toBe('');
});

test('of a long text whole lines are kept, 4 KiB at most', () => {
  const output = new Output(undefined, undefined);
  for (let line = 0; line < 1000; line++) output.write(2, bytes(`line ${line} €\n`));
  const tail = output.stderrTail();
  expect(tail.length).toBeLessThanOrEqual(4096);
  expect(tail).toMatch(/^line \d+ €\n[\s\S]*line 999 €$/);
  output.write(2, bytes(`${'x'.repeat(100_000)}\nthe end\n`));
  expect(output.stderrTail()).toBe('the end');
});

test('control characters but new lines and tabs are taken out', () => {
  const output = new Output(undefined, undefined);
  output.write(2, bytes('a\u001b[2J\tb\u0007\nc\u009b'));
  expect(output.stderrTail()).toBe('a\ufffd[2J\tb\ufffd\nc\ufffd');
});

test('what StarlingMonkey adds to an error of the author’s is left out at the end, and nowhere else', () => {
  const added = '"stopped"\nRedirecting call to abort() to mozalloc_abort\n\n';
  const output = new Output(undefined, undefined);
  output.write(2, bytes(`run() threw Error: no\n${added}`));
  expect(output.stderrTail()).toBe('run() threw Error: no');
  output.write(2, bytes('and more\n'));
  expect(output.stderrTail()).toBe(`run() threw Error: no\n${added}and more`);
  output.callIsOver();
  output.write(2, bytes('Redirecting call to abort() to mozalloc_abort\n'));
  expect(output.stderrTail()).toBe('Redirecting call to abort() to mozalloc_abort');
});
