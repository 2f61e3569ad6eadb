// Owns the proof that goldens compile in a strict program, and that their types say what the host and guests do.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compile, type Resolution } from './compile.js';

const here = import.meta.dirname;
const golden = readdirSync(join(here, 'golden')).map((name) => join(here, 'golden', name));
const typeTests = readdirSync(join(here, 'types')).map((name) => join(here, 'types', name));

for (const resolution of ['node16', 'nodenext', 'bundler'] satisfies Resolution[]) {
  test(`goldens and type tests compile under ${resolution}`, () => {
    expect(compile([...golden, ...typeTests], resolution)).toEqual([]);
  });
}
