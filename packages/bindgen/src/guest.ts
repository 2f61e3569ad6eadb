// Owns the plug-in's view of a world: a declared module for each interface, and what the plug-in has to export.
import { checkKeys, declareType } from './declarations.js';
import { type InterfaceDescriptor, typeAt, type WorldDescriptor } from './descriptor.js';
import { calledByGuest, parameters, printCall, printFunction, writtenByGuest } from './functions.js';
import { type GuestModules, guestModules } from './guest-modules.js';
import { sameAs } from './host-names.js';
import { exportKeys, importKey } from './keys.js';
import { identifier, lowerCamel, upperCamel } from './names.js';
import { code, key, ModuleText, quote, quoted } from './printable.js';
import { declareClass, declareInstance, type Resource, resourcesOf, unprefixed } from './resources.js';
import { Types } from './types.js';

/** The whole file; `name` is what the world is called here. It has no imports of its own, so that TypeScript takes the modules for declared ones. */
export function guestDeclarations(world: WorldDescriptor, name: string): string {
  return new GuestWriter(world, name).file();
}

class GuestWriter {
  readonly #world: WorldDescriptor;
  readonly #modules: GuestModules;
  readonly #types: Types;
  readonly #resources: Map<number, Resource>;
  readonly #texts = new Map<string, ModuleText>();
  readonly #declared = new Set<number>();

  constructor(world: WorldDescriptor, name: string) {
    this.#world = world;
    this.#modules = guestModules(world, name);
    this.#types = new Types(world.types, (index) => {
      const { module, name } = this.#modules.type(sameAs(world.types, index));
      return { kind: 'symbol', module, name };
    });
    this.#resources = resourcesOf(world);
  }

  file(): string {
    // First, so that the module which every plug-in needs is also the first to be read.
    const own = this.#text(this.#modules.world);
    this.#exports(own);
    for (const one of this.#world.imports) this.#import(one);
    for (const one of this.#world.exports) this.#export(one);
    const parts = [...this.#texts].map(
      ([module, text]) => `declare module ${quote(module)} {\n${text.toString()}\n}`,
    );
    const reference = this.#resources.size === 0 ? [] : ['/// <reference lib="esnext.disposable" />'];
    return `${[...reference, ...parts, ...this.#shortNames()].join('\n\n')}\n`;
  }

  #text(module: string): ModuleText {
    const known = this.#texts.get(module);
    if (known !== undefined) return known;
    const text = new ModuleText(module, this.#modules.declaredIn(module), '  ');
    this.#texts.set(module, text);
    return text;
  }

  #exports(text: ModuleText): void {
    const all = this.#world.exports;
    text.docs(this.#world.docs, `What a plug-in of world \`${this.#world.name}\` exports.`);
    text.block(`export interface ${this.#modules.exports} {`, () => {
      for (const one of all) {
        if (one.name === null) this.#members(text, one);
        else if (one.functions.length > 0) {
          text.print`${key(exportKeys(one, all)[0] as string)}: ${this.#modules.exported(one)};`;
        }
      }
    });
  }

  #import(one: InterfaceDescriptor): void {
    this.#declareTypes(one);
    const plain = one.functions.filter(({ kind }) => kind === 'function');
    checkKeys(`interface \`${one.name ?? this.#world.name}\``, plain);
    for (const fn of plain) {
      // A function of the world itself is a module of its own.
      const text = this.#text(one.name === null ? fn.name : this.#modules.of(one));
      const name = lowerCamel(fn.name);
      const local = identifier(name);
      text.blank();
      if (local === name) {
        printFunction(text, this.#types, calledByGuest, fn, `export function ${name}`);
      } else {
        printFunction(text, this.#types, calledByGuest, fn, `function ${local}`);
        text.print`export { ${local} as ${name} };`;
      }
      if (one.name === null) text.print`export { ${local} as default };`;
    }
  }

  #export(one: InterfaceDescriptor): void {
    this.#declareTypes(one);
    if (one.name === null || one.functions.length === 0) return;
    const text = this.#text(this.#modules.world);
    text.blank();
    text.docs(one.docs, `Interface \`${one.name}\`.`);
    text.block(`export interface ${this.#modules.exported(one)} {`, () => this.#members(text, one));
  }

  #members(text: ModuleText, one: InterfaceDescriptor): void {
    const plain = one.functions.filter(({ kind }) => kind === 'function');
    checkKeys(`interface \`${one.name ?? this.#world.name}\``, plain);
    for (const fn of plain) printFunction(text, this.#types, writtenByGuest, fn, key(lowerCamel(fn.name)));
    for (const index of one.types) {
      if (!this.#resources.has(index)) continue;
      const { module, name } = this.#modules.class(index);
      text.print`${key(upperCamel(typeAt(this.#types.all, index).name ?? ''))}: ${{ kind: 'symbol', module, name }};`;
    }
  }

  #declareTypes(one: InterfaceDescriptor): void {
    const module = this.#modules.of(one);
    const lent = new Map<string, string[]>();
    for (const index of one.types.filter((index) => !this.#declared.has(index))) {
      this.#declared.add(index);
      const { module: home, name } = this.#modules.type(sameAs(this.#types.all, index));
      if (home === module) this.#declare(this.#text(module), index, name);
      else lent.set(home, [...(lent.get(home) ?? []), name]);
    }
    if (lent.size > 0) this.#text(module).blank();
    for (const [home, names] of lent) {
      this.#text(module).print`export type { ${names.join(', ')} } from ${quoted(home)};`;
    }
  }

  #declare(text: ModuleText, index: number, name: string): void {
    const resource = this.#resources.get(index);
    if (resource === undefined) declareType(text, this.#types, index, name);
    else if (resource.isImported) this.#importedClass(text, resource, name);
    else {
      declareInstance(text, this.#types, writtenByGuest, resource, name, '[Symbol.dispose]?(): void;');
      declareClass(text, this.#types, writtenByGuest, resource, this.#modules.class(index).name);
    }
  }

  #importedClass(text: ModuleText, { index, functions }: Resource, name: string): void {
    text.blank();
    text.docs(typeAt(this.#types.all, index).docs);
    text.block(`export class ${name} {`, () => {
      const maker = functions.find(({ kind }) => kind === 'constructor');
      if (maker === undefined) text.line('private constructor();');
      else {
        text.docs(maker.docs);
        printCall(text, 'constructor', parameters(this.#types, calledByGuest, maker), ';');
      }
      for (const fn of functions.filter(({ kind }) => kind !== 'constructor').map(unprefixed)) {
        const member = key(lowerCamel(fn.name));
        const open = fn.kind === 'static' ? code`static ${member}` : member;
        printFunction(text, this.#types, calledByGuest, fn, open);
      }
      text.line('[Symbol.dispose](): void;');
    });
  }

  /** Interfaces can be imported without their version too, unless two versions meet. */
  #shortNames(): string[] {
    const all = this.#world.imports;
    return all.flatMap((one) => {
      if (one.name === null || !this.#texts.has(one.name)) return [];
      const short = importKey(one, all);
      if (short === one.name) return [];
      return [`declare module ${quote(short)} {\n  export * from ${quote(one.name)};\n}`];
    });
  }
}
