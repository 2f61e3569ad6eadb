// A process that reads all memory of its own micro-VMs, by the host's view of it, and looks for what must not be there.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { Sandbox } from '@hl/host';
import { component, counter, importsWith } from './components.mjs';

/** Address ranges, each with its flags. */
function mappings() {
  const found = [];
  for (const line of readFileSync('/proc/self/smaps', 'utf8').split('\n')) {
    const range = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line);
    if (range) found.push({ from: Number.parseInt(range[1], 16), to: Number.parseInt(range[2], 16) });
    // Neither inherited nor dumped: so is all memory of VMs, and nothing else.
    if (line.startsWith('VmFlags:')) found.at(-1).isGuests = / dc .*\bdd\b/.test(line);
  }
  return found;
}

const BLOCK = 1 << 20;

/** Calls `look` with each block of memory that guests can see and that is not empty. */
function scan(look, among = () => true) {
  const memory = openSync('/proc/self/mem', 'r');
  const block = Buffer.alloc(BLOCK);
  const empty = Buffer.alloc(BLOCK);
  let bytes = 0;
  for (const { from, to } of mappings().filter((one) => one.isGuests && among(one))) {
    for (let at = from; at < to; at += BLOCK) {
      const length = Math.min(BLOCK, to - at);
      readSync(memory, block, 0, length, BigInt(at));
      bytes += length;
      if (block.compare(empty, 0, length, 0, length) !== 0) look(block.subarray(0, length), at);
    }
  }
  closeSync(memory);
  return bytes;
}

function count(text, among) {
  const needle = Buffer.from(text);
  let found = 0;
  scan((block) => {
    for (let at = block.indexOf(needle); at >= 0; at = block.indexOf(needle, at + 1)) found++;
  }, among);
  return found;
}

/** Words that are an address of something that this process has; below 4 GiB guests have addresses of their own. */
function pointers() {
  const ranges = mappings();
  const tops = new Set(
    ranges.flatMap(({ from, to }) => [Math.floor(from / 2 ** 32), Math.floor((to - 1) / 2 ** 32)]),
  );
  const found = [];
  scan((block, base) => {
    const words = new Uint32Array(block.buffer, block.byteOffset, block.length / 4);
    for (let index = 1; index < words.length; index += 2) {
      const top = words[index];
      if (top === 0 || !tops.has(top)) continue;
      const value = top * 2 ** 32 + words[index - 1];
      if (ranges.some(({ from, to }) => value >= from && value < to)) {
        found.push(`${value.toString(16)} at ${(base + (index - 1) * 4).toString(16)}`);
      }
    }
  });
  return found;
}

/** An address of this process, at each offset in a word. */
function anAddress() {
  const bytes = Buffer.alloc(128);
  const address = BigInt(mappings().find(({ from }) => from > 2 ** 40).from) + 16n;
  for (let offset = 0; offset < 8; offset++) bytes.writeBigUInt64LE(address, offset * 15);
  return bytes;
}

const SECRET = 'a secret of one sandbox, 4d1f';
const reset = process.argv[2];

const first = await Sandbox.create({ component, reset, imports: importsWith() });
const { run } = first.exports;
await run.hello('you');
await run.hostTransform('text');
await run.hostDescribe([{ name: 'somebody', age: 1, tags: [], home: [1, 2] }]);
await run.print('text');
await run.grow(8n << 20n);
const context = await first.context();

console.log('read', scan(() => undefined) > 0);
const environment = Object.entries(process.env).flat();
console.log('environment', environment.filter((text) => text.length > 5 && count(text) > 0).join());
console.log(
  'arguments',
  [process.execPath, process.argv[1], process.cwd()].filter((text) => count(text) > 0).join(),
);
console.log('pointers', pointers().slice(0, 5).join());

// Planted, and seen: the search finds what is there.
const planted = context.exports.run.hello(SECRET).then(() => count(SECRET));
console.log('planted', (await planted) > 0);
await context.exports.echo.echoBytes(anAddress());
console.log('planted', pointers().length > 0);
const before = new Set(mappings().map(({ from }) => from));
const others = await Promise.all(
  [component, counter].map((one) =>
    Sandbox.create({ component: one, imports: one === counter ? {} : importsWith() }),
  ),
);
await Promise.all([others[0].exports.run.hello('other'), others[1].exports.next()]);
console.log(
  'beside',
  count(SECRET, ({ from }) => !before.has(from)),
  [...mappings()].some(({ from, isGuests }) => isGuests && !before.has(from)),
);
await context.finish();
await run.hello('again');
console.log('put back', count(SECRET));

// The VM is kept for the next sandbox, whichever it is of.
await first.exports.run.hello(SECRET);
const last = await first.context();
await last.exports.run.hello(SECRET);
await first.close();
console.log('closed', count(SECRET));
const next = await Sandbox.create({ component: counter });
await next.exports.next();
console.log('recycled', count(SECRET));
