// Owns the text of an `imports` option that has every function a component wants, to paste and fill in.
import type { FunctionDescriptor } from '../descriptor.js';
import { lowerCamel, upperCamel, withoutVersion } from '../names.js';
import { memberOf } from '../resources/resource.js';

export interface Wanted {
  /** Full name of the interface, or null for a function of the world itself. */
  readonly interface: string | null;
  readonly descriptor: FunctionDescriptor;
}

const BODY = `{ throw new Error('not implemented'); }`;

export function skeletonOf(functions: readonly Wanted[]): string {
  const lines = ['imports: {'];
  for (const name of new Set(functions.map((one) => one.interface))) {
    const members = functions.filter((one) => one.interface === name).map((one) => one.descriptor);
    if (name === null) {
      lines.push(...membersOf(members, '  '));
      continue;
    }
    lines.push(`  '${keyOf(name, functions)}': {`);
    lines.push(...membersOf(members, '    '), '  },');
  }
  return [...lines, '},'].join('\n');
}

/** Without its version, unless another version of the same interface is wanted too. */
function keyOf(name: string, functions: readonly Wanted[]): string {
  const bare = withoutVersion(name);
  const versions = new Set(
    functions.map((one) => one.interface).filter((one) => one && withoutVersion(one) === bare),
  );
  return versions.size > 1 ? name : bare;
}

/** Plain functions, then a class for each resource. */
function membersOf(functions: readonly FunctionDescriptor[], indent: string): string[] {
  const plain = functions.filter((one) => one.kind === 'function');
  const lines = plain.flatMap((one) => member(one, lowerCamel(one.name), one.params, indent, ','));
  const classes = new Set(functions.filter((one) => one.kind !== 'function').map(resourceName));
  for (const name of classes) {
    lines.push(`${indent}${upperCamel(name)}: class {`);
    for (const one of functions.filter((each) => each.kind !== 'function' && resourceName(each) === name)) {
      lines.push(...classMember(one, `${indent}  `));
    }
    lines.push(`${indent}},`);
  }
  return lines;
}

function classMember(one: FunctionDescriptor, indent: string): string[] {
  if (one.kind === 'constructor') return member(one, 'constructor', one.params, indent, '');
  const name = lowerCamel(memberOf(one));
  return one.kind === 'static'
    ? member(one, `static ${name}`, one.params, indent, '')
    : member(one, name, one.params.slice(1), indent, '');
}

function member(
  { wit }: FunctionDescriptor,
  name: string,
  params: FunctionDescriptor['params'],
  indent: string,
  end: string,
): string[] {
  const names = params.map((param) => lowerCamel(param.name)).join(', ');
  return [`${indent}// ${wit}`, `${indent}${name}(${names}) ${BODY}${end}`];
}

/** `bucket` of `[method]bucket.get`. */
function resourceName({ name }: FunctionDescriptor): string {
  return name.slice(name.indexOf(']') + 1).split('.', 1)[0]!;
}
