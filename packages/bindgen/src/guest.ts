// Owns the plug-in's view of a world: a declared module for each interface, and what the plug-in has to export.
import { declareType } from './declarations.js';
import { type InterfaceDescriptor, typeAt, type WorldDescriptor } from './descriptor.js';
import { type Face, Faces, faceOf, type Resource } from './faces.js';
import { calledByGuest, printFunction, writtenByGuest } from './functions.js';
import { type GuestModules, guestModules } from './guest-modules.js';
import { sameAs } from './host-names.js';
import { exportKeys, importKey } from './keys.js';
import { checkMembers, className, isCallable, membersOf, plainOf } from './members.js';
import { identifier, lowerCamel, withoutVersion } from './names.js';
import { key, ModuleText, method, quote, quoted } from './printable.js';
import { declareExportedClass, declareImportedClass, declareInstance } from './resources.js';
import { Types } from './types.js';

/** The whole file; `name` is what the world is called here. It has no imports of its own, so that TypeScript takes the modules for declared ones. */
export function guestDeclarations(world: WorldDescriptor, name: string): string {
  return new GuestWriter(world, name).file();
}

class GuestWriter {
  readonly #world: WorldDescriptor;
  readonly #modules: GuestModules;
  readonly #faces: Faces;
  readonly #types: Readonly<Record<Face, Types>>;
  readonly #texts = new Map<string, ModuleText>();
  readonly #declared = new Set<string>();
  /** By module and index: types of other modules that it exports too. */
  readonly #lent = new Set<string>();

  constructor(world: WorldDescriptor, name: string) {
    this.#world = world;
    this.#faces = new Faces(world);
    this.#modules = guestModules(world, this.#faces, name);
    const typesOf = (face: Face) =>
      new Types(world.types, (index) => ({ kind: 'symbol', ...this.#modules.type({ index, face }) }));
    this.#types = { import: typesOf('import'), export: typesOf('export') };
  }

  file(): string {
    // First, so that the module which every plug-in needs is also the first to be read.
    const own = this.#text(this.#modules.world);
    this.#exports(own);
    for (const one of this.#world.imports) this.#import(one);
    for (const one of this.#world.exports) this.#export(one);
    const parts = [...this.#texts].map(
      ([module, text]) => `${this.#docsOf(module)}declare module ${quote(module)} {\n${text.toString()}\n}`,
    );
    const reference = this.#faces.resources.length === 0 ? [] : ['/// <reference lib="esnext.disposable" />'];
    return `${[...reference, ...parts, ...this.#shortNames()].join('\n\n')}\n`;
  }

  /** What WIT says of the interface that a module stands for. */
  #docsOf(module: string): string {
    const all = [...this.#world.imports, ...this.#world.exports];
    const one = all.find((one) => this.#modules.of(one) === module && one.name !== null);
    if (module === this.#modules.world || one?.docs === undefined) return '';
    const text = new ModuleText('', []);
    text.docs(one.docs);
    return `${text.toString()}\n`;
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
        else if (isCallable(one)) {
          text.print`${key(exportKeys(one, all)[0] as string)}: ${this.#modules.exported(one)};`;
        }
      }
    });
  }

  #import(one: InterfaceDescriptor): void {
    this.#declareTypes(one, 'import');
    checkMembers(this.#world, this.#faces, one, 'import', lowerCamel);
    for (const fn of plainOf(one)) {
      // A function of the world itself is a module of its own.
      const text = this.#text(one.name === null ? fn.name : this.#modules.of(one));
      const name = lowerCamel(fn.name);
      const local = identifier(name);
      text.blank();
      if (local === name) {
        printFunction(text, this.#types.import, calledByGuest, fn, `export function ${name}`);
      } else {
        printFunction(text, this.#types.import, calledByGuest, fn, `function ${local}`);
        text.print`export { ${local} as ${name} };`;
      }
      if (one.name === null && name !== 'default') text.print`export { ${local} as default };`;
    }
  }

  #export(one: InterfaceDescriptor): void {
    this.#declareTypes(one, faceOf(one, 'export'));
    checkMembers(this.#world, this.#faces, one, 'export', lowerCamel);
    if (!isCallable(one)) return;
    const text = this.#text(this.#modules.world);
    text.blank();
    text.docs(one.docs, `Interface \`${one.name}\`.`);
    text.block(`export interface ${this.#modules.exported(one)} {`, () => this.#members(text, one));
  }

  #members(text: ModuleText, one: InterfaceDescriptor): void {
    const { functions, resources } = membersOf(this.#faces, one, 'export');
    const types = this.#types[faceOf(one, 'export')];
    for (const fn of functions) printFunction(text, types, writtenByGuest, fn, method(lowerCamel(fn.name)));
    for (const resource of resources.filter(({ face }) => face === 'export')) {
      const place = this.#modules.class(resource);
      text.print`${key(className(this.#world, resource))}: ${{ kind: 'symbol', ...place }};`;
    }
  }

  #declareTypes(one: InterfaceDescriptor, side: Face): void {
    const module = this.#modules.of(one);
    const lent = new Map<string, string[]>();
    for (const index of one.types) {
      const { face } = this.#faces.of(index, side);
      const { module: home, name } = this.#modules.type({ index, face });
      const isNew = !this.#declared.has(`${face} ${index}`);
      this.#declared.add(`${face} ${index}`);
      if (sameAs(this.#world.types, index) === index && isNew) {
        this.#declare(this.#text(home), index, side, name);
      }
      // What only the plug-in's exports speak of stands in the world's module, and is lent to none.
      const isLent = home !== module && face === 'import' && (isNew || side === 'import');
      if (!isLent || this.#lent.has(`${module} ${index}`)) continue;
      this.#lent.add(`${module} ${index}`);
      lent.set(home, [...(lent.get(home) ?? []), name]);
    }
    if (lent.size > 0) this.#text(module).blank();
    for (const [home, names] of lent) {
      this.#text(module).print`export type { ${names.join(', ')} } from ${quoted(home)};`;
    }
  }

  #declare(text: ModuleText, index: number, side: Face, name: string): void {
    const types = this.#types[side];
    const resource =
      typeAt(types.all, index).kind === 'resource' ? this.#faces.resource(index, side) : undefined;
    if (resource === undefined) declareType(text, types, index, name);
    else if (resource.face === 'import') declareImportedClass(text, this.#types.import, resource, name);
    else this.#exportedClass(text, resource, name);
  }

  #exportedClass(text: ModuleText, resource: Resource, name: string): void {
    declareInstance(text, this.#types.export, writtenByGuest, resource, name);
    declareExportedClass(text, this.#types.export, resource, this.#modules.class(resource).name);
  }

  /**
   * Every module can be named without its version too, unless two versions meet. Then the name is the import's, if
   * there is one: it is what the plug-in calls.
   */
  #shortNames(): string[] {
    const { imports, exports } = this.#world;
    const isThere = (module: string) => this.#texts.has(module) && withoutVersion(module) !== module;
    const aliases = new Map<string, string>();
    for (const one of imports) {
      if (one.name !== null && isThere(one.name)) aliases.set(importKey(one, imports), one.name);
    }
    const others = [this.#modules.world, ...exports.map((one) => this.#modules.of(one))].filter(isThere);
    const taken = new Set([...aliases.keys(), ...imports.map(({ name }) => withoutVersion(name ?? ''))]);
    for (const module of new Set(others)) {
      const short = withoutVersion(module);
      const isAlone = others.every((other) => other === module || withoutVersion(other) !== short);
      if (isAlone && !taken.has(short)) aliases.set(short, module);
    }
    return [...aliases].flatMap(([short, module]) =>
      short === module ? [] : [`declare module ${quote(short)} {\n  export * from ${quote(module)};\n}`],
    );
  }
}
