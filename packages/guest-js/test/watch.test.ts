// Shows that a guest is built again when one of its files changes, also after a build that failed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GuestBuildError, watchGuest } from '@hl/guest-js';
import { expect, test } from 'vitest';
import { scratch } from './support/scratch.js';

test('each change is built, until the signal says stop', async () => {
  const folder = scratch({
    'wit/world.wit': 'package test:watch; world w { export run: func() -> u32; }',
    'src/plugin.ts': `import { answer } from './answer.js'; export const run = () => answer;`,
    'src/answer.ts': 'export const answer = 1;',
  });
  const answer = join(folder, 'src/answer.ts');
  const stop = new AbortController();
  const events: string[] = [];
  await watchGuest({
    entry: join(folder, 'src/plugin.ts'),
    wit: join(folder, 'wit'),
    signal: stop.signal,
    onBuilt: () => {
      events.push('built');
      if (events.length === 1) writeFileSync(answer, 'export const answer = ;');
      else stop.abort();
    },
    onError: () => {
      events.push('failed');
      writeFileSync(answer, 'export const answer = 2;');
    },
  });
  expect(events).toEqual(['built', 'failed', 'built']);
});

test('folders that are not there are told, and waited for', async () => {
  const folder = scratch({});
  const at = (path: string) => join(folder, path);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  };
  const stop = new AbortController();
  const errors: unknown[] = [];
  await watchGuest({
    entry: at('deep/src/plugin.ts'),
    wit: at('wit'),
    signal: stop.signal,
    onBuilt: () => stop.abort(),
    onError: (error) => {
      errors.push(error);
      if (errors.length === 1) write('wit/world.wit', 'package test:watch; world w { export run: func(); }');
      else if (errors.length === 2)
        write('deep/src/plugin.ts', `import './more/it.js'; export function run() {}`);
      else write('deep/src/more/it.ts', `console.log('it')`);
    },
  });
  expect(errors.every((error) => error instanceof GuestBuildError)).toBe(true);
  const stages = errors.map((error) => (error as GuestBuildError).stage);
  expect(stages.slice(0, 2)).toEqual(['wit', 'bundle']);
});
