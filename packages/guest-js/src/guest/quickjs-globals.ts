// Installs what JavaScript expects to find and QuickJS lacks. Imported before the author's code runs.
import { consoleOver } from './console.js';
import { write, writeError } from './quickjs-wasi.js';
import { crypto, random } from './random.js';
import { TextDecoder, TextEncoder } from './text-coding.js';

const console = consoleOver(
  (text) => write(`${text}\n`),
  (text) => writeError(`${text}\n`),
);

for (const [name, value] of Object.entries({ console, crypto, TextDecoder, TextEncoder })) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
Math.random = random;
