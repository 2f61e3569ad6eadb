// Owns how resources get in and out of QuickJS.
//
// componentize-qjs 0.4.5 has two kinds of mistakes with them. For the guest's own resources it takes the handle that
// the host gives up for the number of the object, which is another, and it never tells the guest that the host let go of
// one. It numbers objects from 0, which jco takes for no object. And what the host lends it gives back too late, when a component may no longer call out. Each component holds a
// module of short functions, one for each of the world's, that pass values on. There the calls are led elsewhere.
import { BinaryReader, isComponent, sections, withSections } from './binary.js';
import {
  bodyOf,
  type CoreModule,
  countOf,
  type ImportedFunction,
  readCoreModule,
  withBodies,
  withTableFunctions,
} from './core-module.js';
import { I32, I32_CONST, locals, op, signedAt, withCalls } from './instructions.js';

const CORE_MODULE = 1;
const NESTED_COMPONENT = 4;

/** The component with resources that work; `dispose` is the exported function that is called with what the host let go of. */
export function mendResources(component: Uint8Array, dispose: string): Uint8Array {
  const all = sections(component).map(({ id, body }) => {
    if (id === CORE_MODULE && !isComponent(body)) return { id, body: mendModule(body, dispose) };
    return { id, body: id === NESTED_COMPONENT ? mendResources(body, dispose) : body };
  });
  return withSections(component, all);
}

/** A resource of the guest's, by the functions that have to do with it and its number among the world's types. */
interface OwnResource {
  type: number;
  make: ImportedFunction;
  rep: ImportedFunction;
  drop: number;
  destructor: number;
}

function mendModule(module: Uint8Array, dispose: string): Uint8Array {
  const core = readCoreModule(module);
  const pushOwn = core.imports.get('env.wit_dylib_push_own');
  if (!pushOwn) return module;
  const named = (name: string) => imported(core, `env.wit_dylib_${name}`);
  const own = ownResources(module, core);
  const { functions, globals } = countOf(module);
  const taking = globals;
  const [takeOwn, takeBorrow] = [functions, functions + 1];
  const calls = new Map([
    [pushOwn.index, takeOwn],
    [named('push_borrow'), takeBorrow],
  ]);
  const push = { own: pushOwn.index, borrow: named('push_borrow') };
  const destructors = new Map(
    own.map((each) => [each.destructor, destructorBody(each, { module, core, dispose, taking })]),
  );
  const { type } = pushOwn;
  const renumbered = own.flatMap(({ make, rep }) => [
    {
      from: make.index,
      type: make.type,
      body: [...locals(), ...op.get(0), ...PLUS_ONE, ...op.call(make.index), ...op.end],
    },
    {
      from: rep.index,
      type: rep.type,
      body: [...locals(), ...op.get(0), ...op.call(rep.index), ...MINUS_ONE, ...op.end],
    },
  ]);
  const first = takeBorrow + 1;
  const tables = new Map(renumbered.map(({ from }, at) => [from, first + at]));
  return withBodies(
    withTableFunctions(module, (index) => tables.get(index) ?? index),
    (index, body) => destructors.get(index) ?? withCalls(body, (call) => calls.get(call.index) ?? call.index),
    {
      functions: [
        { type, body: takeOwnBody(own, push, taking) },
        { type, body: takeBorrowBody(own, push) },
        ...renumbered,
      ],
      globals: 1,
    },
  );
}

function imported(core: CoreModule, name: string): number {
  const found = core.imports.get(name);
  if (!found) throw new Error(`componentize-qjs laid out the component differently: there is no ${name}`);
  return found.index;
}

function ownResources(module: Uint8Array, core: CoreModule): OwnResource[] {
  const destroy = imported(core, 'env.wit_dylib_resource_dtor');
  return [...core.imports].flatMap(([name, rep]) => {
    const [, face, resource] = /^\[export\](.*)\.\[resource-rep\](.*)$/.exec(name) ?? [];
    if (face === undefined) return [];
    const destructor = core.functions.get(`${face}#[dtor]${resource}`);
    const drop = imported(core, `[export]${face}.[resource-drop]${resource}`);
    const make = core.imports.get(`[export]${face}.[resource-new]${resource}`);
    const type = destructor === undefined ? undefined : firstConstant(bodyOf(module, destructor));
    if (destructor === undefined || type === undefined || make === undefined) {
      throw new Error(
        `componentize-qjs laid out the component differently: ${destroy} of ${face}.${resource}`,
      );
    }
    return [{ type, make, rep, drop, destructor }];
  });
}

/** The number of a destructor's type, which is the first constant in it. */
function firstConstant(body: Uint8Array): number | undefined {
  const reader = new BinaryReader(body);
  return reader.u32() === 0 && reader.byte() === I32_CONST ? signedAt(reader) : undefined;
}

const [CONTEXT, TYPE, HANDLE] = [0, 1, 2];
const ARGUMENTS = [...op.get(CONTEXT), ...op.get(TYPE), ...op.get(HANDLE)];

/** Outside an object has the number after the engine's. */
const PLUS_ONE = [...op.i32(1), ...op.add];
const MINUS_ONE = [...op.i32(1), ...op.subtract];

interface Push {
  own: number;
  borrow: number;
}

/**
 * `(context, type, handle)`: the object behind a handle of the guest's own that it is given. The handle ends here, since
 * the object gets a new one when it is given away again; that the host let go of it is not said, since it did not.
 */
function takeOwnBody(own: readonly OwnResource[], push: Push, taking: number): number[] {
  // biome-ignore format: one line for each step
  const each = ({ type, rep, drop }: OwnResource) => [
    ...op.get(TYPE), ...op.i32(type), ...op.equal, ...op.if,
    ...ARGUMENTS, ...op.call(rep.index), ...MINUS_ONE, ...op.call(push.borrow),
    ...op.i32(1), ...op.globalSet(taking), ...op.get(HANDLE), ...op.call(drop), ...op.i32(0), ...op.globalSet(taking),
    ...op.return, ...op.end,
  ];
  return [...locals(), ...own.flatMap(each), ...ARGUMENTS, ...op.call(push.own), ...op.end];
}

/** `(context, type, handle)`: what the host lends is an object that can be disposed of, as if it were given. */
function takeBorrowBody(own: readonly OwnResource[], push: Push): number[] {
  // biome-ignore format: one line for each step
  const each = ({ type }: OwnResource) => [
    ...op.get(TYPE), ...op.i32(type), ...op.equal, ...op.if,
    ...ARGUMENTS, ...MINUS_ONE, ...op.call(push.borrow), ...op.return, ...op.end,
  ];
  return [...locals(), ...own.flatMap(each), ...ARGUMENTS, ...op.call(push.own), ...op.end];
}

interface Disposing {
  module: Uint8Array;
  core: CoreModule;
  dispose: string;
  taking: number;
}

/** `(object)`: tells the guest, by a call as if the host called `dispose` with the object, and forgets the object. */
function destructorBody({ type }: OwnResource, { module, core, dispose, taking }: Disposing): number[] {
  const call = (name: string) => op.call(imported(core, `env.wit_dylib_${name}`));
  const number = op.i32(numberOf(module, core, dispose));
  const [object, context] = [0, 1];
  // biome-ignore format: one line for each step
  return [
    ...locals([1, I32]),
    ...op.get(object), ...MINUS_ONE, ...op.set(object),
    ...op.globalGet(taking), ...op.eqz, ...op.if,
    ...number, ...call('export_start'), ...op.set(context),
    ...op.get(context), ...op.i32(type), ...op.get(object), ...call('push_borrow'),
    ...op.get(context), ...number, ...call('export_call'),
    ...op.get(context), ...number, ...call('export_finish'),
    ...op.end,
    ...op.i32(type), ...op.get(object), ...call('resource_dtor'),
    ...op.end,
  ];
}

/** The number of an exported function, which it says itself when it starts. */
function numberOf(module: Uint8Array, core: CoreModule, name: string): number {
  const start = imported(core, 'env.wit_dylib_export_start');
  let number: number | undefined;
  withCalls(bodyOf(module, core.functions.get(name) ?? -1), (call) => {
    if (call.index === start) number ??= call.argument;
    return call.index;
  });
  if (number === undefined) throw new Error(`componentize-qjs laid out the component differently: ${name}`);
  return number;
}
