// Owns how named types are declared: interfaces for records and flags, unions for variants and enums.
import { type FieldDescriptor, type LabelDescriptor, type TypeDescriptor, typeAt } from './descriptor.js';
import { ItemError } from './errors.js';
import { lowerCamel } from './names.js';
import { code, key, type ModuleText, type Printable, quoted } from './printable.js';
import type { Types } from './types.js';

/** Declares the type at `index`, which is no resource, as `name`. */
export function declareType(text: ModuleText, types: Types, index: number, name: string): void {
  const type = typeAt(types.all, index);
  text.blank();
  text.docs(type.docs);
  switch (type.kind) {
    case 'record':
      declareRecord(text, types, type.fields, name, membersOf(type));
      break;
    case 'flags':
      declareFlags(text, type.flags, name, membersOf(type));
      break;
    case 'variant':
      declareUnion(text, name, types.cases(type.cases), type.cases);
      break;
    case 'enum': {
      const members = type.cases.map((one) => quoted(one.name));
      declareUnion(text, name, members, type.cases);
      break;
    }
    default:
      text.print`export type ${name} = ${types.structure(index)};`;
  }
}

function declareRecord(
  text: ModuleText,
  types: Types,
  fields: readonly FieldDescriptor[],
  name: string,
  siblings: Siblings,
): void {
  checkKeys(siblings, fields);
  text.block(`export interface ${name} {`, () => {
    for (const field of fields) {
      text.docs(field.docs);
      const optional = types.isOptional(field.type) ? '?' : '';
      text.print`${key(lowerCamel(field.name))}${optional}: ${types.use(field.type)};`;
    }
  });
}

function declareFlags(
  text: ModuleText,
  flags: readonly LabelDescriptor[],
  name: string,
  siblings: Siblings,
): void {
  checkKeys(siblings, flags);
  text.block(`export interface ${name} {`, () => {
    for (const flag of flags) {
      text.docs(flag.docs);
      text.print`${key(lowerCamel(flag.name))}?: boolean;`;
    }
  });
}

/** On one line where it fits and no member has a comment, else a member a line. */
function declareUnion(
  text: ModuleText,
  name: string,
  members: readonly Printable[],
  documented: readonly { readonly docs?: string }[],
): void {
  const line = code`export type ${name} = ${members.flatMap((one, index) => (index === 0 ? [one] : [' | ', one]))};`;
  const isPlain = documented.every(({ docs }) => docs === undefined);
  if (isPlain && text.render(line).length <= text.room) {
    text.line(line);
    return;
  }
  text.block(
    `export type ${name} =`,
    () => {
      members.forEach((member, index) => {
        text.docs(documented[index]?.docs);
        text.print`| ${member}${index === members.length - 1 ? ';' : ''}`;
      });
    },
    null,
  );
}

/** Things that stand side by side: what is said of them, and where each is found. */
export interface Siblings {
  readonly title: string;
  /** The key of a place. */
  item(name: string): string;
  key(name: string): string;
}

/** Names that differ in WIT can be one in JavaScript (`a1` and `a-1`); such a world has no good answer. */
export function checkKeys(siblings: Siblings, named: readonly { readonly name: string }[]): void {
  const seen = new Map<string, string>();
  for (const { name } of named) {
    const key = siblings.key(name);
    const other = seen.get(key);
    if (other !== undefined) {
      const message = `${siblings.title}: \`${other}\` and \`${name}\` are both \`${key}\` in JavaScript, rename one`;
      throw new ItemError(message, siblings.item(name));
    }
    seen.set(key, name);
  }
}

/** The fields of a record, or flags. */
function membersOf(type: TypeDescriptor): Siblings {
  const place = `${type.owner ?? ''}.${type.name ?? ''}`;
  return { title: describeType(type), item: (name) => `${place}.${name}`, key: lowerCamel };
}

function describeType({ kind, owner, name }: TypeDescriptor): string {
  return `${kind} \`${owner === undefined ? '' : `${owner}.`}${name ?? ''}\``;
}
