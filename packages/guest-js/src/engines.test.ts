// Shows that the documents and the code say the same about what each engine can do.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { featureTable } from './engines.js';

const root = join(import.meta.dirname, '../../..');

test.each(['packages/guest-js/README.md', 'docs/write-a-plugin.md'])(
  '%s has the table of the code',
  (page) => {
    expect(readFileSync(join(root, page), 'utf8')).toContain(featureTable());
  },
);
