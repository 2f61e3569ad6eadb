// Shows that a guest is built again when one of its files changes, also after a build that failed.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { watchGuest } from '@hl/guest-js';
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
