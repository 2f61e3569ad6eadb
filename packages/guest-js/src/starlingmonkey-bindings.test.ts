// Shows that mended bindings do what the generated ones do, and wait only where there is something to wait for.
import { describe, expect, test } from 'vitest';
import { mendBindings } from './starlingmonkey-bindings.js';

/** As componentize-js 0.23.0 writes it. */
const GENERATED = `let { TextEncoder, TextDecoder } = contentGlobal;
function toUint32(val) {
  return val >>> 0;
}
const TEXT_DECODER_UTF8 = new TextDecoder();
const TEXT_ENCODER_UTF8 = new TextEncoder();

function _utf8AllocateAndEncode(s, realloc, memory) {
  let codepoints = 0;
  const { read, written } = TEXT_ENCODER_UTF8.encodeInto(s, new Uint8Array(memory.buffer, ptr, len));
  const res = { ptr, len, codepoints };
  return res;
}

const _debugLog = (...args) => {
  if (!globalThis?.process?.env?.JCO_DEBUG) { return; }
  console.debug(...args);
};

async function export_add(arg0, arg1) {
  _debugLog(' [Instruction::CallInterface] (sync, @ enter)');
  let ret;
  
  ret = await add(arg0 >>> 0, {
    b: arg1,
  });
  _debugLog('[Instruction::Return]', {
    funcName: 'add',
    paramCount: 1,
  });
  return toUint32(ret);
}

async function export_divide(arg0) {
  let ret;
  
  try {
    const hostRet0 = await divide(arg0);
    ret = hostRet0 !== null && hostRet0.tag === 'ok'
    ? hostRet0
    : { tag: 'ok', val: hostRet0};
  } catch (e) {
    
    ret = { tag: 'err', val: e };
  }
  return ret.tag === 'ok' ? ret.val : -1;
}

async function export_dtor(rep) {
  if (!rep) return;
  drop(rep);
}

async function export_quoted(arg0) {
  let ret;
  
  ret = await quoted(arg0 ? "it's; here" : '');
  return ret;
}
  function bindExports(sourceName) {
    __sourceName = sourceName;
  }
`;

/** The mended bindings' exports, over an author's functions. */
function run(author: Record<string, unknown>): Record<string, (...args: unknown[]) => Promise<unknown>> {
  const names = [...GENERATED.matchAll(/async function (export_\w+)/g)].map(([, name]) => name);
  const body = `${mendBindings(GENERATED)}\nreturn { bindExports, _utf8AllocateAndEncode, ${names.join(', ')} };`;
  const scope = { contentGlobal: globalThis, __sourceName: '', drop() {}, quoted() {}, ...author };
  return new Function(...Object.keys(scope), body)(...Object.values(scope));
}

describe('an exported function', () => {
  test('does not wait for what is no promise', async () => {
    const calls: unknown[] = [];
    const exports = run({ add: (...args: unknown[]) => calls.push(args), divide: () => 1 });
    const returned = exports.export_add?.(1, 2);
    expect(calls).toEqual([[1, { b: 2 }]]);
    await expect(returned).resolves.toBe(1);
    await expect(exports.export_divide?.(4)).resolves.toBe(1);
  });

  test('waits for a promise, and then goes on as it would have', async () => {
    const later = (value: unknown) => new Promise((resolve) => setTimeout(resolve, 1, value));
    const failed = () => later(0).then(() => Promise.reject(new Error('late')));
    await expect(run({ add: () => later(7) }).export_add?.(1, 2)).resolves.toBe(7);
    await expect(run({ divide: () => later(3) }).export_divide?.(1)).resolves.toBe(3);
    await expect(run({ add: failed }).export_add?.(1, 2)).rejects.toThrow('late');
    await expect(run({ divide: failed }).export_divide?.(1)).resolves.toBe(-1);
  });

  test('turns what is thrown into a rejection or the error case, as an async function does', async () => {
    const thrower = () => {
      throw new Error('at once');
    };
    await expect(run({ add: thrower }).export_add?.(1, 2)).rejects.toThrow('at once');
    await expect(run({ divide: thrower }).export_divide?.(1)).resolves.toBe(-1);
  });

  test('is left alone where it is of another form', () => {
    const mended = mendBindings(GENERATED);
    expect(mended).toContain('async function export_dtor(rep) {');
    expect(mended).toContain(`ret = await quoted(arg0 ? "it's; here" : '');`);
    expect(mended.match(/async function/g)).toHaveLength(2);
  });
});

test.each(['a', 'plain text', 'h€llo 😀', '€'])('%s is encoded whole', (text) => {
  const memory = { buffer: new ArrayBuffer(64) };
  const sizes: number[] = [];
  const realloc = (_: number, __: number, ___: number, size: number) => {
    sizes.push(size);
    return 8;
  };
  const encode = run({})._utf8AllocateAndEncode as unknown as (...args: unknown[]) => {
    ptr: number;
    len: number;
  };
  const { ptr, len } = encode(text, realloc, memory);
  expect(new TextDecoder().decode(new Uint8Array(memory.buffer, ptr, len))).toBe(text);
  expect(sizes[0]).toBe(text.length);
});

test('the bindings look for nothing to debug', () => {
  expect(mendBindings(GENERATED)).not.toContain('_debugLog(');
});

test('the warm-up works on what is there, and touches nothing of the author', () => {
  const author = { add: () => expect.unreachable(), divide: () => expect.unreachable() };
  run(author).bindExports?.('guest.js');
});

test('a helper that reads integers wrongly in another way is refused', () => {
  const other = GENERATED.replace('val >>> 0;', 'Number(val);');
  expect(() => mendBindings(other)).toThrow('another toUint32 than 0.23.0');
  expect(() => mendBindings('const f64ToI64 = (f) => bits(f);')).toThrow('another f64ToI64 than 0.23.0');
});

test('the lower half of a word keeps its sign, and an address has none', () => {
  const read = `const TEXT_DECODER_UTF8 = new TextDecoder();
    val: clampGuest(Number(arg1), -128, 127)
    var ptr1 = Number(arg12);
    var base2 = Number(arg3);`;
  expect(mendBindings(read)).toBe(`const TEXT_DECODER_UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
    val: clampGuest(Number(BigInt.asIntN(32, arg1)), -128, 127)
    var ptr1 = Number(arg12);
    var base2 = Number(arg3);`);
});

test.each([
  ['toInt32(e)', -5, 0xffff_fffbn],
  ['variant0_1', -5, 0xffff_fffbn],
  ['toInt64(e)', -5, 0xffff_ffff_ffff_fffbn],
  ['toUint32(e)', 2 ** 31, 0x8000_0000n],
  ['f32ToI32(+e)', -0.5, 0xbf00_0000n],
  ['f64ToI64(+e)', -0.5, 0xbfe0_0000_0000_0000n],
])('an argument is a word without a sign: %s', (written, e, word) => {
  const bindings = `function toInt64(val) {
  const converted = BigInt(val)
  return BigInt.asIntN(64, converted);
}
function toInt32(val) {
  return val >> 0;
}
function toUint32(val) {
  return val >>> 0;
}
const i32ToF32I = new Int32Array(1);
const i32ToF32F = new Float32Array(i32ToF32I.buffer);
const i64ToF64I = new BigInt64Array(1);
const i64ToF64F = new Float64Array(i64ToF64I.buffer);
const f32ToI32 = f => (i32ToF32F[0] = f, i32ToF32I[0]);
const f64ToI64 = f => (i64ToF64F[0] = f, i64ToF64I[0]);
let variant0_1 = toInt32(e);
let variant1_1;
variant1_1 = BigInt(${written});
let variant2_2;
variant2_2 = BigInt(BigInt(${written}));
`;
  const passed = new Function('e', `${mendBindings(bindings)}\nreturn [variant1_1, variant2_2];`)(e);
  expect(passed).toEqual([word, word]);
});
