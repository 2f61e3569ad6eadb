// Owns how resources are printed: an interface for instances, and one for the class where it is a value.
import { checkKeys } from './declarations.js';
import { type FunctionDescriptor, typeAt } from './descriptor.js';
import { ItemError } from './errors.js';
import type { Resource } from './faces.js';
import {
  calledByGuest,
  calledByHost,
  parameters,
  printCall,
  printFunction,
  type Side,
  throwsDocs,
  writtenByGuest,
  writtenByHost,
} from './functions.js';
import { exportKey, lowerCamel, memberName, staticKey } from './names.js';
import { code, type ModuleText, method, type Printable } from './printable.js';
import type { Types } from './types.js';

/** A resource's functions by what they are to its class, each with its JavaScript name. */
interface Members {
  readonly maker: FunctionDescriptor | undefined;
  readonly methods: readonly (readonly [string, FunctionDescriptor])[];
  readonly statics: readonly (readonly [string, FunctionDescriptor])[];
}

function membersOf(types: Types, side: Side, { index, functions }: Resource): Members {
  const { name, owner = '' } = typeAt(types.all, index);
  const title = `resource \`${name}\``;
  const maker = functions.find(({ kind }) => kind === 'constructor');
  const named = (kind: 'method' | 'static', key: (name: string) => string) => {
    const some = functions.filter((fn) => fn.kind === kind).map(unprefixed);
    checkKeys({ title, item: (member) => `${owner}#[${kind}]${name}.${member}`, key }, some);
    return some.map((fn) => [key(fn.name), fn] as const);
  };
  if (side === calledByHost) {
    return { maker, methods: named('method', exportKey), statics: named('static', staticKey) };
  }
  const statics = named('static', lowerCamel);
  if (statics.some(([member]) => member === 'prototype')) {
    const message = `${title}: no JavaScript class can have a static function \`prototype\`, rename it`;
    throw new ItemError(message, `${owner}#[static]${name}.prototype`);
  }
  return { maker, methods: named('method', lowerCamel), statics };
}

/** Whether the guest makes instances, or calls the class: only then has the host to give one. */
export function needsClass({ functions }: Resource): boolean {
  return functions.some(({ kind }) => kind !== 'method');
}

/** What the reader of the type gets, or writes: instances with methods. */
export function declareInstance(
  text: ModuleText,
  types: Types,
  side: Side,
  resource: Resource,
  name: string,
): void {
  const { methods } = membersOf(types, side, resource);
  text.blank();
  text.docs(typeAt(types.all, resource.index).docs);
  const members = () => {
    for (const [member, fn] of methods) printFunction(text, types, side, fn, method(member));
    if (side === calledByHost) text.line('[Symbol.asyncDispose](): Promise<void>;');
    else text.line('[Symbol.dispose]?(): void;');
    if (side === writtenByHost) text.line('[Symbol.asyncDispose]?(): PromiseLike<void>;');
  };
  // An interface where all is optional would refuse every class that has none of it.
  const isWeak = side !== calledByHost && methods.length === 0;
  if (isWeak) text.block(`export type ${name} = object & {`, members, '};');
  else text.block(`export interface ${name} {`, members);
}

/** The class that the host gives: with a constructor or, as another sandbox's have it, `create`. */
export function declareHostClass(text: ModuleText, types: Types, resource: Resource, name: string): void {
  const side = writtenByHost;
  const { maker, statics } = membersOf(types, side, resource);
  const printStatics = () => {
    for (const [member, fn] of statics) printFunction(text, types, side, fn, method(member));
  };
  text.blank();
  if (maker === undefined) {
    text.docs(classDocs(types, resource));
    text.block(`export interface ${name} {`, printStatics);
    return;
  }
  text.docs(classDocs(types, resource, ': with a constructor, or with `create` where that has to wait'));
  const openUnion = () => {
    text.block('| {', () => printFunction(text, types, side, maker, 'new '));
    text.block('| {', () => printCreate(text, types, side, resource, maker));
  };
  text.block(`export type ${name} = (`, openUnion, null);
  if (statics.length === 0) text.line(');');
  else text.block(') & {', printStatics, '};');
}

/** The plug-in's class as the host has it. */
export function declareGuestClass(text: ModuleText, types: Types, resource: Resource, name: string): void {
  const side = calledByHost;
  const { maker, statics } = membersOf(types, side, resource);
  text.blank();
  text.docs(classDocs(types, resource));
  text.block(`export interface ${name} {`, () => {
    if (maker !== undefined) printCreate(text, types, side, resource, maker);
    for (const [member, fn] of statics) printFunction(text, types, side, fn, method(member));
    text.print`[Symbol.hasInstance](value: unknown): value is ${types.use(resource.index)};`;
  });
}

/** The constructor as a function, because a constructor cannot wait. */
function printCreate(
  text: ModuleText,
  types: Types,
  side: Side,
  { index }: Resource,
  maker: FunctionDescriptor,
): void {
  text.docs(maker.docs, throwsDocs(text, types, side, maker));
  printCall(
    text,
    'create',
    parameters(types, side, maker),
    code`: ${side.result(types.use(index), maker, false)};`,
  );
}

/** The host's resource as a plug-in imports it: a class. */
export function declareImportedClass(text: ModuleText, types: Types, resource: Resource, name: string): void {
  const side = calledByGuest;
  const { maker, methods, statics } = membersOf(types, side, resource);
  text.blank();
  text.docs(typeAt(types.all, resource.index).docs);
  text.block(`export class ${name} {`, () => {
    if (maker === undefined) text.line('private constructor();');
    else {
      text.docs(maker.docs, throwsDocs(text, types, side, maker));
      printCall(text, 'constructor', parameters(types, side, maker), ';');
    }
    for (const [member, fn] of statics) printFunction(text, types, side, fn, code`static ${inClass(member)}`);
    for (const [member, fn] of methods) printFunction(text, types, side, fn, inClass(member));
    text.line('[Symbol.dispose](): void;');
  });
}

/** In a class, `constructor` means another thing. */
function inClass(member: string): Printable {
  return member === 'constructor' ? "['constructor']" : method(member);
}

/** The class that a plug-in exports. Where WIT knows no constructor, it may have any. */
export function declareExportedClass(text: ModuleText, types: Types, resource: Resource, name: string): void {
  const side = writtenByGuest;
  const { maker, statics } = membersOf(types, side, resource);
  text.blank();
  text.docs(classDocs(types, resource));
  text.block(`export interface ${name} {`, () => {
    if (maker === undefined) text.print`readonly prototype: ${types.use(resource.index)};`;
    else printFunction(text, types, side, maker, 'new ');
    for (const [member, fn] of statics) printFunction(text, types, side, fn, method(member));
  });
}

/** With its plain name: `[method]bucket.get` as `get`. */
function unprefixed(fn: FunctionDescriptor): FunctionDescriptor {
  return { ...fn, name: memberName(fn.name) };
}

function classDocs(types: Types, { index }: Resource, more = ''): string {
  return `The class of resource \`${typeAt(types.all, index).name}\`${more}.`;
}
