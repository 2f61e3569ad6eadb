// Owns the host's module of a world: its types, what to grant, what can be called, and the descriptor.
import { checkKeys, declareType } from './declarations.js';
import { type InterfaceDescriptor, typeAt, type WorldDescriptor } from './descriptor.js';
import { calledByHost, printFunction, type Side, writtenByHost } from './functions.js';
import { type HostNames, hostNames, sameAs } from './host-names.js';
import { exportKeys, importKey } from './keys.js';
import { type Data, literal } from './literal.js';
import { exportKey, lowerCamel, upperCamel } from './names.js';
import { key, ModuleText, type Printable } from './printable.js';
import { withoutWasi } from './prune.js';
import { declareClass, declareInstance, type Resource, resourcesOf } from './resources.js';
import { Types } from './types.js';

const HOST_PACKAGE = '@hl/host';

/** What a TypeScript module holds, or a JavaScript module and its declarations together. */
export interface HostModule {
  /** Types, and the constant's type. */
  readonly declarations: string;
  /** Types, and the constant. */
  readonly typescript: string;
  /** The constant. */
  readonly javascript: string;
}

/** `name` is what the world is called here, in kebab case. */
export function hostModule(world: WorldDescriptor, name: string): HostModule {
  const shown = withoutWasi(world);
  const writer = new HostWriter(shown, name);
  const types = writer.types();
  const value = literal({ descriptor: structure(shown) }, 0, writer.names.world.length + 60);
  const constant = writer.names.world;
  const type = `World<${writer.names.imports}, ${writer.names.exports}>`;
  return {
    typescript: `${types}\n${writer.constantDocs()}export const ${constant}: ${type} = ${value};\n`,
    declarations: `${types}\n${writer.constantDocs()}export declare const ${constant}: ${type};\n`,
    javascript: `${writer.constantDocs()}export const ${constant} = ${value};\n`,
  };
}

/** The descriptor without its comments, which the host has no use for. */
function structure(world: WorldDescriptor): Data {
  return JSON.parse(JSON.stringify(world, (name, value) => (name === 'docs' ? undefined : value))) as Data;
}

class HostWriter {
  readonly names: HostNames;
  readonly #world: WorldDescriptor;
  readonly #types: Types;
  readonly #resources: Map<number, Resource>;
  readonly #text: ModuleText;
  readonly #declared = new Set<number>();

  constructor(world: WorldDescriptor, name: string) {
    this.#world = world;
    this.names = hostNames(world, name);
    this.#types = new Types(world.types, (index) => this.names.type(index));
    this.#resources = resourcesOf(world);
    this.#text = new ModuleText('', this.names.declared);
  }

  /** Everything but the constant. */
  types(): string {
    const text = this.#text;
    // Makes `World` an import of this module.
    text.render({ kind: 'symbol', name: 'World', module: HOST_PACKAGE });
    this.#imports();
    this.#exports();
    this.#strays();
    for (const one of this.#world.imports) this.#interface(one, writtenByHost, 'implemented by the host');
    for (const one of this.#world.exports) this.#interface(one, calledByHost, 'implemented by the component');
    const reference = this.#resources.size === 0 ? '' : '/// <reference lib="esnext.disposable" />\n';
    return `${reference}${text.toString()}\n`;
  }

  constantDocs(): string {
    const text = new ModuleText('', []);
    text.docs(this.#world.docs, `World \`${this.#world.name}\`: give it to \`Sandbox.create\` as \`world\`.`);
    return `${text.toString()}\n`;
  }

  #imports(): void {
    const all = this.#world.imports;
    const text = this.#text;
    text.docs(`What the host grants to world \`${this.#world.name}\`; functions may be sync or async.`);
    text.block(`export interface ${this.names.imports} {`, () => {
      this.#functions(worldLevel(all), writtenByHost);
      for (const one of all.filter(isCallable)) {
        text.print`${key(importKey(one, all))}: ${this.names.interface(one)};`;
      }
    });
  }

  #exports(): void {
    const all = this.#world.exports;
    const text = this.#text;
    text.blank();
    text.docs(`What a component of world \`${this.#world.name}\` can be called for.`);
    text.block(`export interface ${this.names.exports} {`, () => {
      this.#functions(worldLevel(all), calledByHost);
      for (const one of all.filter(isCallable)) {
        for (const name of exportKeys(one, all)) {
          text.print`readonly ${key(name)}: ${this.names.interface(one)};`;
        }
      }
    });
  }

  /** Types that belong to none of the interfaces here, such as those that an interface of WASI lends. */
  #strays(): void {
    const owned = new Set([...this.#world.imports, ...this.#world.exports].flatMap(({ types }) => types));
    this.#world.types.forEach((type, index) => {
      if (type.name !== undefined && !owned.has(index)) this.#declare(index);
    });
  }

  #interface(one: InterfaceDescriptor, side: Side, who: string): void {
    for (const index of one.types) this.#declare(index);
    if (!isCallable(one)) return;
    const text = this.#text;
    text.blank();
    text.docs(one.docs, `Interface \`${one.name}\`, ${who}.`);
    text.block(`export interface ${this.names.interface(one)} {`, () => this.#functions(one, side));
  }

  /** Plain functions, and a property for each resource's class. */
  #functions(one: InterfaceDescriptor | undefined, side: Side): void {
    if (one === undefined) return;
    const plain = one.functions.filter(({ kind }) => kind === 'function');
    checkKeys(`interface \`${one.name ?? this.#world.name}\``, plain);
    const nameOf = side === calledByHost ? exportKey : lowerCamel;
    for (const fn of plain) printFunction(this.#text, this.#types, side, fn, key(nameOf(fn.name)));
    for (const index of one.types.filter((index) => this.#resources.has(index))) {
      const name = upperCamel(typeAt(this.#types.all, index).name ?? '');
      this.#text.print`readonly ${key(name)}: ${this.names.class(index)};`;
    }
  }

  #declare(index: number): void {
    if (this.#declared.has(index) || sameAs(this.#types.all, index) !== index) return;
    this.#declared.add(index);
    const name = this.names.type(index);
    const resource = this.#resources.get(index);
    if (resource !== undefined) this.#resource(resource, name);
    else if (typeAt(this.#types.all, index).kind === 'resource') this.#opaque(name);
    else declareType(this.#text, this.#types, index, name);
  }

  #resource(resource: Resource, name: string): void {
    const side = resource.isImported ? writtenByHost : calledByHost;
    const dispose: Printable = resource.isImported
      ? '[Symbol.dispose]?(): void;'
      : '[Symbol.asyncDispose](): Promise<void>;';
    declareInstance(this.#text, this.#types, side, resource, name, dispose);
    declareClass(this.#text, this.#types, side, resource, this.names.class(resource.index));
  }

  /** A resource of an interface that the host does not see: it can be handed on, and no more. */
  #opaque(name: string): void {
    this.#text.blank();
    this.#text.print`export type ${name} = unknown;`;
  }
}

function worldLevel(all: readonly InterfaceDescriptor[]): InterfaceDescriptor | undefined {
  return all.find(({ name }) => name === null);
}

/** Whether there is something to grant or to call; interfaces that only hold types are no objects. */
function isCallable({ name, functions }: InterfaceDescriptor): boolean {
  return name !== null && functions.length > 0;
}
