// Owns what decoded values may take: of a reply within its limit, no more than a process has.
import { Buffer } from 'node:buffer';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Codecs } from '../src/codec/compile.js';
import { Reader } from '../src/codec/reader.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const COUNT = 50_000;

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

// 32 flags come in 4 bytes, so a guest can have the host make millions of such objects.
test.each([8, 32, 64])('%i flags take 24 bytes each at most', (names) => {
  const flags = Array.from({ length: names }, (_, index) => ({ name: `flag-${index}` }));
  const codec = new Codecs([
    { kind: 'flags', flags },
    { kind: 'list', type: 0 },
  ]).of(1);
  const bytes = Buffer.alloc(4 + (COUNT * names) / 8);
  bytes.writeUInt32LE(COUNT);
  const before = heapBytes();
  const decoded = codec.decode(new Reader(bytes)) as unknown[];
  const bytesEach = (heapBytes() - before) / COUNT;
  expect(decoded.length).toBe(COUNT);
  expect(bytesEach / names).toBeLessThan(25);
});
