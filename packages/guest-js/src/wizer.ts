// Runs in wizer's place for componentize-js: mends the bindings that it generated, then runs the real wizer.
//
// componentize-js 0.23.0 hands the engine two kinds of values that it reads wrongly. A flat u32 is read as an
// integer of 32 bits with a sign, so a value from 2^31 on, which is a double, comes out as something else. A
// flat s64 must not be negative. In both cases the same bits, read the other way, are right.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const FIXES: readonly (readonly [name: string, wrong: RegExp, right: string])[] = [
  ['toUint32', /(function toUint32\(val\) \{\s*return )val >>> 0;/, '$1val | 0;'],
  [
    'toInt64',
    /(function toInt64\(val\) \{[^}]*?return BigInt\.)asIntN\(64, converted\);/,
    '$1asUintN(64, converted);',
  ],
];

function mend(bindings: string): string {
  return FIXES.reduce((text, [name, wrong, right]) => {
    // A helper is generated only where the world needs it.
    if (!text.includes(`function ${name}(`)) return text;
    if (!wrong.test(text)) {
      console.error(
        `componentize-js generated another ${name} than 0.23.0 does; this version cannot be used`,
      );
      process.exit(1);
    }
    return text.replace(wrong, right);
  }, bindings);
}

/** wizer belongs to componentize-js, and may be reachable from there only. */
async function realWizer(): Promise<string> {
  const fromComponentize = createRequire(import.meta.resolve('@bytecodealliance/componentize-js'));
  const { default: location } = await import(
    pathToFileURL(fromComponentize.resolve('@bytecodealliance/wizer')).href
  );
  return location as string;
}

const request = readFileSync(0, 'utf8');
const path = /--initializer-script-path (\S+)/.exec(request)?.[1];
if (path === undefined) {
  console.error('componentize-js does not say where its bindings are; only 0.23.0 can be used');
  process.exit(1);
}
writeFileSync(path, mend(readFileSync(path, 'utf8')));
const { status } = spawnSync(await realWizer(), process.argv.slice(2), {
  input: request,
  stdio: ['pipe', 'inherit', 'inherit'],
});
process.exit(status ?? 1);
