// Owns what is mended in the bindings that componentize-js generates: what they read wrongly, and what makes calls slow.
//
// Each edit looks for text exactly as version 0.23.0 writes it. Where a wrong result would follow, text that looks
// different is an error; where only time would be lost, it is left as it is.

/** `name`'s definition, replaced where the world has it. */
interface Fix {
  name: string;
  wrong: RegExp;
  right: string;
}

/**
 * The engine reads a flat u32 as an integer of 32 bits with a sign, so a value from 2^31 on, which is a double, comes
 * out as something else; and a flat i64 must not be negative. In each case the same bits, read the other way, are right.
 */
const FIXES: readonly Fix[] = [
  {
    name: 'toUint32',
    wrong: /(function toUint32\(val\) \{\s*return )val >>> 0;/,
    right: '$1val | 0;',
  },
  {
    name: 'toInt64',
    wrong: /(function toInt64\(val\) \{[^}]*?return BigInt\.)asIntN\(64, converted\);/,
    right: '$1asUintN(64, converted);',
  },
  {
    name: 'f64ToI64',
    wrong: /(const f64ToI64 = f => \(i64ToF64F\[0\] = f, )i64ToF64I\[0\]\);/,
    right: '$1BigInt.asUintN(64, i64ToF64I[0]));',
  },
];

/**
 * # Throws
 * An error that names the helper which is not as 0.23.0 generates it.
 */
export function mendBindings(bindings: string): string {
  return [
    withFixes,
    withLowHalves,
    withUnsignedWords,
    withWholeText,
    withoutDebugLog,
    withAuthorsArrays,
    withFastText,
    withoutPromises,
    withWarmUp,
  ].reduce((text, edit) => edit(text), bindings);
}

function withFixes(bindings: string): string {
  return FIXES.reduce((text, { name, wrong, right }) => {
    // A helper is generated only where the world needs it.
    if (!new RegExp(`^(?:function|const) ${name}\\b`, 'm').test(text)) return text;
    if (!wrong.test(text)) {
      throw new Error(
        `componentize-js generated another ${name} than 0.23.0 does; this version cannot be used`,
      );
    }
    return text.replace(wrong, right);
  }, bindings);
}

/**
 * A case of a variant that is narrower than another one travels in the lower half of an i64. It is read as one number,
 * so that -5 comes out as 4294967291 where the upper half is zero, and is rounded where it is not. Addresses have no sign.
 */
function withLowHalves(bindings: string): string {
  return bindings.replace(
    /(?<!var (?:ptr|base)\d+ = )\bNumber\((arg\d+)\)/g,
    'Number(BigInt.asIntN(32, $1))',
  );
}

/** What `withUnsignedWords` adds. */
const WORD = `
function $word(flat) {
  return typeof flat === 'bigint' ? flat : BigInt.asUintN(32, BigInt(flat));
}
`;

/** On its way to the host such a case fills the upper half with zeroes: the engine refuses what is negative. */
function withUnsignedWords(bindings: string): string {
  const text = bindings.replace(
    /\b(variant\d+_\d+ = )((?:BigInt\()+)/g,
    (_, assigned: string, widened: string) => assigned + widened.replaceAll('BigInt(', '$word('),
  );
  return text === bindings ? text : text + WORD;
}

/** A byte order mark is part of a string, also at its beginning. */
function withWholeText(bindings: string): string {
  return bindings.replace(
    /^const TEXT_DECODER_UTF8 = new TextDecoder\(\);/m,
    "const TEXT_DECODER_UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });",
  );
}

/** It says nothing in a guest, which has no environment, but looks for that several times in each call. */
function withoutDebugLog(bindings: string): string {
  return bindings.replace(/^[ \t]*_debugLog\([^;]*\);\n/gm, '');
}

const TYPED_ARRAYS =
  'Uint8Array, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array, BigUint64Array, BigInt64Array, Float32Array, Float64Array';

/**
 * The bindings run beside the author's code with a global object of their own. A typed array of theirs would be none
 * to the author's `instanceof`, and copied number by number on its way.
 */
function withAuthorsArrays(bindings: string): string {
  return bindings.replace(
    /^let \{ TextEncoder, TextDecoder \} = contentGlobal;/m,
    `let { TextEncoder, TextDecoder, ${TYPED_ARRAYS} } = contentGlobal;`,
  );
}

/** One call of the engine's encoder for text in ASCII, two for other text, in place of a look at each character. */
const FAST_TEXT = `function _utf8AllocateAndEncode(s, realloc, memory) {
  if (typeof s !== 'string') throw new TypeError('expected a string, received [' + typeof s + ']');
  if (s.length === 0) return { ptr: 1, len: 0 };
  for (let size = s.length; ; size = s.length * 3) {
    const ptr = realloc(0, 0, 1, size);
    const { read, written } = TEXT_ENCODER_UTF8.encodeInto(s, new Uint8Array(memory.buffer, ptr, size));
    if (read === s.length) return { ptr, len: written };
    if (size !== s.length) throw new Error('failed to encode whole string');
  }
}
`;

function withFastText(bindings: string): string {
  const slow =
    /^function _utf8AllocateAndEncode\(s, realloc, memory\) \{\n[\s\S]*?const res = \{ ptr, len, codepoints \};\n {2}return res;\n\}\n/m;
  return bindings.replace(slow, FAST_TEXT);
}

/** What `withoutPromises` adds. */
const SETTLED = `
const $done = Promise.resolve();
const $isPending = (value) => typeof value === 'object' && value !== null && typeof value.then === 'function';
function $settled(value) {
  return value === undefined ? $done : Promise.resolve(value);
}
`;

/**
 * An exported function that waits only where the author's function returned a promise.
 *
 * The engine wants a promise of each, but an async function that awaits takes the most part of a short call: it makes
 * four promises, each with a record of the stack, and goes through the event loop twice.
 */
function withoutPromises(bindings: string): string {
  const functions = /^async function (export_[^\s(]+)\(([^)]*)\) \{\n([\s\S]*?)^\}\n/gm;
  let isUsed = false;
  const text = bindings.replace(functions, (whole, name: string, parameters: string, body: string) => {
    const straight = withoutAwait(body);
    if (straight === undefined) return whole;
    isUsed = true;
    return `function $run_${name}(${parameters}) {
${straight}}
function ${name}(${parameters}) {
  try {
    return $settled($run_${name}(${parameters}));
  } catch (error) {
    return Promise.reject(error);
  }
}
`;
  });
  return isUsed ? text + SETTLED : text;
}

/** The body with the rest of it once more, for a promise; nothing where the body is not of the known form. */
function withoutAwait(body: string): string | undefined {
  const [before, statement, ...more] = body.split(/^([ \t]*(?:ret|const hostRet\d+) = await )/m);
  const [called] = more;
  if (before === undefined || statement === undefined || called === undefined || more.length > 1)
    return undefined;
  const end = endOfStatement(called);
  const assigned = /(ret|hostRet\d+) = await $/.exec(statement)?.[1];
  // One return at the end, and no other await: the rest can then stand in a function of its own.
  const rest = called.slice(end);
  if (end < 0 || !assigned || /\bawait\b/.test(before + called)) return undefined;
  if ((body.match(/\breturn\b/g) ?? []).length !== 1 || !/\n {2}return\b[^\n]*;\n$/.test(rest))
    return undefined;
  const isTried = /\btry \{\s*$/.test(before);
  return `${before}    var $value = ${called.slice(0, end)}
    if ($isPending($value)) return (async () => {
      ${isTried ? 'try {' : ''}
${statement}$value;${rest}    })();
${statement.replace(/await $/, '')}$value;${rest}`;
}

/** Where the statement ends that `text` begins within; -1 where that cannot be told. */
function endOfStatement(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (/['"`/]/.test(character)) return -1;
    if (/[([{]/.test(character)) depth++;
    if (/[)\]}]/.test(character)) depth--;
    if (character === ';' && depth === 0) return at + 1;
  }
  return -1;
}

/**
 * Uses once, at the build, what each call uses: the engine makes its own classes and functions when they are first
 * needed, and a call on fresh state would do so again and again.
 */
const WARM_UP = `
function $warmUp() {
  for (const names of [contentGlobal, globalThis]) {
    for (const name of Object.getOwnPropertyNames(names)) Object.getOwnPropertyDescriptor(names, name);
  }
  Promise.resolve().then(() => {});
  const memory = { buffer: new ArrayBuffer(16) };
  for (const text of ['a', '\u20ac']) {
    if (typeof _utf8AllocateAndEncode === 'function') _utf8AllocateAndEncode(text, () => 0, memory);
    if (typeof TEXT_DECODER_UTF8 === 'object') TEXT_DECODER_UTF8.decode(new Uint8Array(memory.buffer, 0, 1));
  }
  if (typeof dataView === 'function') dataView($memory).getUint8(0);
}
`;

function withWarmUp(bindings: string): string {
  const bound = /^( *function bindExports\(sourceName\) \{\n)/m;
  return bound.test(bindings) ? bindings.replace(bound, '$1  $warmUp();\n') + WARM_UP : bindings;
}
