// Owns how 64-bit integers get in and out of QuickJS whole.
//
// componentize-qjs 0.4.5 passes u64 and s64 as `number`: it rounds above 2^53, hands u64 from 2^63 over as
// negative, and traps on a bigint. Each component that it makes holds a module with the functions through
// which all values pass. In that module the four for 64-bit integers are rewritten here on top of the two
// for strings: the integer travels as its hexadecimal digits, and guest/quickjs.ts turns those into bigint.
import { isComponent, sections, withSections } from './binary.js';
import { readCoreModule, withBodies } from './core-module.js';
import { I32, I64, locals, op } from './instructions.js';

const CORE_MODULE = 1;
const NESTED_COMPONENT = 4;

/** The component with 64-bit integers as text. Exactly one module must have been there to rewrite. */
export function passWideIntegersAsText(component: Uint8Array): Uint8Array {
  const { binary, count } = rewrite(component);
  if (count !== 1)
    throw new Error(`componentize-qjs laid out the component differently: ${count} modules that pass values`);
  return binary;
}

function rewrite(component: Uint8Array): { binary: Uint8Array; count: number } {
  let count = 0;
  const all = sections(component).map((section) => {
    if (section.id === CORE_MODULE && !isComponent(section.body)) {
      const body = rewriteModule(section.body);
      if (body) count++;
      return { id: section.id, body: body ?? section.body };
    }
    if (section.id === NESTED_COMPONENT) {
      const nested = rewrite(section.body);
      count += nested.count;
      return { id: section.id, body: nested.binary };
    }
    return section;
  });
  return { binary: count === 0 ? component : withSections(component, all), count };
}

function rewriteModule(module: Uint8Array): Uint8Array | undefined {
  const { functions, globals } = readCoreModule(module);
  const index = (name: string) => functions.get(name);
  const popString = index('wit_dylib_pop_string');
  const pushString = index('wit_dylib_push_string');
  const allocate = index('cabi_realloc');
  const stackPointer = globals.get('env.__stack_pointer');
  const pops = [index('wit_dylib_pop_u64'), index('wit_dylib_pop_s64')];
  const pushes = [index('wit_dylib_push_u64'), index('wit_dylib_push_s64')];
  const needed = [popString, pushString, allocate, stackPointer, ...pops, ...pushes];
  if (needed.some((each) => each === undefined)) return undefined;

  const bodies = new Map<number, readonly number[]>();
  for (const pop of pops) bodies.set(pop as number, popBody(popString as number, stackPointer as number));
  for (const push of pushes) bodies.set(push as number, pushBody(pushString as number, allocate as number));
  return withBodies(module, (each) => bodies.get(each));
}

const DIGITS = 16;

/** `(context) -> i64`: takes a string of up to 16 digits; more are a way to stop the instance. */
function popBody(popString: number, stackPointer: number): number[] {
  const [context, length, at, value] = [0, 1, 2, 3];
  // biome-ignore format: one line for each step
  return [
    ...locals([2, I32], [1, I64]),
    // One word on the stack, in which the function says where the string lies.
    ...op.globalGet(stackPointer), ...op.i32(16), ...op.subtract, ...op.set(at),
    ...op.get(at), ...op.globalSet(stackPointer),
    ...op.get(context), ...op.get(at), ...op.call(popString), ...op.set(length),
    ...op.get(at), ...op.i32(16), ...op.add, ...op.globalSet(stackPointer),
    ...op.get(at), ...op.load, ...op.set(at),
    ...op.get(length), ...op.i32(DIGITS), ...op.greater, ...op.if, ...op.unreachable, ...op.end,
    ...op.block, ...op.loop,
    ...op.get(length), ...op.eqz, ...op.branchIf(1),
    // A digit's worth: its low four bits, and 9 more for a letter, which bit 6 tells.
    ...op.get(value), ...op.i64(4), ...op.shiftLeft64,
    ...op.get(at), ...op.loadByte, ...op.i32(15), ...op.and,
    ...op.get(at), ...op.loadByte, ...op.i32(6), ...op.shiftRight, ...op.i32(9), ...op.multiply,
    ...op.add, ...op.extend, ...op.or64, ...op.set(value),
    ...op.get(at), ...op.i32(1), ...op.add, ...op.set(at),
    ...op.get(length), ...op.i32(1), ...op.subtract, ...op.set(length),
    ...op.branch(0), ...op.end, ...op.end,
    ...op.get(value),
    ...op.end,
  ];
}

/** `(context, i64)`: hands over 16 digits in memory of their own, which the engine frees. */
function pushBody(pushString: number, allocate: number): number[] {
  const [context, value, text, left, digit] = [0, 1, 2, 3, 4];
  // biome-ignore format: one line for each step
  return [
    ...locals([3, I32]),
    ...op.i32(0), ...op.i32(0), ...op.i32(1), ...op.i32(DIGITS), ...op.call(allocate), ...op.set(text),
    ...op.i32(DIGITS), ...op.set(left),
    ...op.loop,
    ...op.get(left), ...op.i32(1), ...op.subtract, ...op.set(left),
    ...op.get(value), ...op.wrap, ...op.i32(15), ...op.and, ...op.set(digit),
    ...op.get(text), ...op.get(left), ...op.add,
    // '0' and the digit, and from 10 on the gap between '9' and 'a'.
    ...op.get(digit), ...op.i32(48), ...op.add,
    ...op.get(digit), ...op.i32(9), ...op.greater, ...op.i32(39), ...op.multiply, ...op.add,
    ...op.storeByte,
    ...op.get(value), ...op.i64(4), ...op.shiftRight64, ...op.set(value),
    ...op.get(left), ...op.branchIf(0), ...op.end,
    ...op.get(context), ...op.get(text), ...op.i32(DIGITS), ...op.call(pushString),
    ...op.end,
  ];
}
