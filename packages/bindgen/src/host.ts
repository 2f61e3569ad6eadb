// Owns the host's module of a world: its types, what to grant, what can be called, and the descriptor.
import { declareType } from './declarations.js';
import { type InterfaceDescriptor, typeAt, type WorldDescriptor } from './descriptor.js';
import { type Face, type FacedType, Faces, faceOf, type Resource } from './faces.js';
import { calledByHost, printFunction, writtenByHost } from './functions.js';
import { type HostNames, hostNames, sameAs } from './host-names.js';
import { exportKeys, importKey } from './keys.js';
import { type Data, literal } from './literal.js';
import {
  checkMembers,
  className,
  direct,
  inContext,
  isCallable,
  isEmpty,
  type Members,
  membersOf,
} from './members.js';
import { exportKey, lowerCamel } from './names.js';
import { key, ModuleText, method } from './printable.js';
import { withoutWasi } from './prune.js';
import { declareGuestClass, declareHostClass, declareInstance, needsClass } from './resources.js';
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
  const parts = [writer.names.imports, writer.names.exports];
  if (writer.hasContextExports) parts.push(writer.names.contextExports);
  const type = `World<${parts.join(', ')}>`;
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
  readonly #faces: Faces;
  readonly #types: Readonly<Record<Face, Types>>;
  readonly #text: ModuleText;
  readonly #declared = new Set<string>();
  readonly #documented = new Set<string>();
  /** What was named somewhere, and so has to be declared. */
  readonly #used: FacedType[] = [];

  constructor(world: WorldDescriptor, name: string) {
    this.#world = world;
    this.#faces = new Faces(world);
    this.names = hostNames(world, this.#faces, name);
    const typesOf = (face: Face) =>
      new Types(world.types, (index) => {
        this.#used.push({ index: sameAs(world.types, index), face });
        return this.names.type({ index, face });
      });
    this.#types = { import: typesOf('import'), export: typesOf('export') };
    this.#text = new ModuleText('', this.names.declared);
  }

  get hasContextExports(): boolean {
    return this.#world.exports.some((one) => !isEmpty(inContext(this.#faces, one)));
  }

  /** Everything but the constant. */
  types(): string {
    const text = this.#text;
    // Makes `World` an import of this module.
    text.render({ kind: 'symbol', name: 'World', module: HOST_PACKAGE });
    this.#imports();
    this.#exports();
    if (this.hasContextExports) this.#contextExports();
    for (const one of this.#world.imports) this.#imported(one);
    for (const one of this.#world.exports) this.#exported(one);
    // Types of none of these interfaces, such as those that an interface of WASI lends.
    for (const { index, face } of this.#used) this.#declare(index, face);
    const reference = this.#faces.resources.length === 0 ? '' : '/// <reference lib="esnext.disposable" />\n';
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
      for (const one of all.filter(({ name }) => name === null)) this.#granted(one);
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
      for (const one of all) {
        const members = direct(this.#faces, one);
        if (one.name === null) this.#called(one, members);
        else if (!isEmpty(members)) this.#keys(one, this.names.interface(one));
      }
    });
  }

  #contextExports(): void {
    const { contextExports, exports } = this.names;
    const text = this.#text;
    text.blank();
    text.docs(`Likewise in a context (\`sandbox.context()\`), where the component's resources live.`);
    text.block(`export interface ${contextExports} extends ${exports} {`, () => {
      for (const one of this.#world.exports) {
        const members = inContext(this.#faces, one);
        if (one.name === null) this.#called(one, members);
        else if (!isEmpty(members)) this.#keys(one, this.#contextName(one));
      }
    });
  }

  #keys(one: InterfaceDescriptor, type: string): void {
    for (const name of exportKeys(one, this.#world.exports))
      this.#text.print`readonly ${key(name)}: ${type};`;
  }

  /** An interface that needs a context for some functions only has a second one for those. */
  #contextName(one: InterfaceDescriptor): string {
    return isEmpty(direct(this.#faces, one)) ? this.names.interface(one) : this.names.inContext(one);
  }

  #imported(one: InterfaceDescriptor): void {
    this.#docsOfTypes(one);
    for (const index of one.types) this.#declare(index, 'import');
    if (!isCallable(one)) return;
    const text = this.#text;
    text.blank();
    text.docs(one.docs, `Interface \`${one.name}\`, implemented by the host.`);
    text.block(`export interface ${this.names.interface(one)} {`, () => this.#granted(one));
  }

  /** Where an interface has types alone, none of TypeScript's stands for it. */
  #docsOfTypes(one: InterfaceDescriptor): void {
    if (one.name === null || one.docs === undefined || isCallable(one) || one.types.length === 0) return;
    if (this.#documented.has(one.name)) return;
    this.#documented.add(one.name);
    this.#text.blank();
    this.#text.comment(`${one.docs}\n\nInterface \`${one.name}\`:`);
  }

  #exported(one: InterfaceDescriptor): void {
    this.#docsOfTypes(one);
    for (const index of one.types) this.#declare(index, faceOf(one, 'export'));
    checkMembers(this.#world, this.#faces, one, 'export', exportKey);
    if (one.name === null) return;
    const text = this.#text;
    const by = `Interface \`${one.name}\`, implemented by the component`;
    const anywhere = direct(this.#faces, one);
    if (!isEmpty(anywhere)) {
      text.blank();
      text.docs(one.docs, `${by}.`);
      text.block(`export interface ${this.names.interface(one)} {`, () => this.#called(one, anywhere));
    }
    const more = inContext(this.#faces, one);
    if (isEmpty(more)) return;
    const base = isEmpty(anywhere) ? '' : ` extends ${this.names.interface(one)}`;
    text.blank();
    text.docs(one.docs, `${by}, in a context.`);
    text.block(`export interface ${this.#contextName(one)}${base} {`, () => this.#called(one, more));
  }

  /** What the host writes. A class that nobody needs may be left out. */
  #granted(one: InterfaceDescriptor): void {
    const { functions, resources } = membersOf(this.#faces, one, 'import');
    checkMembers(this.#world, this.#faces, one, 'import', lowerCamel);
    for (const fn of functions) {
      printFunction(this.#text, this.#types.import, writtenByHost, fn, method(lowerCamel(fn.name)));
    }
    for (const resource of resources) {
      const name = key(className(this.#world, resource));
      if (needsClass(resource)) this.#text.print`readonly ${name}: ${this.names.class(resource)};`;
      else this.#text.print`readonly ${name}?: object;`;
    }
  }

  /** What the host calls. */
  #called(one: InterfaceDescriptor, { functions, resources }: Members): void {
    const types = this.#types[faceOf(one, 'export')];
    for (const fn of functions)
      printFunction(this.#text, types, calledByHost, fn, method(exportKey(fn.name)));
    for (const resource of resources) {
      this.#text.print`readonly ${key(className(this.#world, resource))}: ${this.names.class(resource)};`;
    }
  }

  #declare(index: number, side: Face): void {
    const { face } = this.#faces.of(index, side);
    if (sameAs(this.#world.types, index) !== index || this.#declared.has(`${face} ${index}`)) return;
    this.#declared.add(`${face} ${index}`);
    const name = this.names.type({ index, face });
    if (typeAt(this.#world.types, index).kind !== 'resource') {
      declareType(this.#text, this.#types[side], index, name);
      return;
    }
    const resource = this.#faces.resource(index, side);
    if (resource === undefined) this.#opaque(name);
    else if (resource.face === 'import') this.#hostResource(resource, name);
    else this.#guestResource(resource, name);
  }

  #hostResource(resource: Resource, name: string): void {
    declareInstance(this.#text, this.#types.import, writtenByHost, resource, name);
    if (!needsClass(resource)) return;
    declareHostClass(this.#text, this.#types.import, resource, this.names.class(resource));
  }

  #guestResource(resource: Resource, name: string): void {
    declareInstance(this.#text, this.#types.export, calledByHost, resource, name);
    declareGuestClass(this.#text, this.#types.export, resource, this.names.class(resource));
  }

  /** A resource of an interface that the host does not see: it can be handed on, and no more. */
  #opaque(name: string): void {
    this.#text.blank();
    this.#text.print`export type ${name} = unknown;`;
  }
}
