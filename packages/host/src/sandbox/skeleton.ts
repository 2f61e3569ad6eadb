// Owns the text of an `imports` option that has every function a component wants, to paste and fill in.
import type { FunctionDescriptor } from '../descriptor.js';
import { lowerCamel, withoutVersion } from '../names.js';

export interface Wanted {
  /** Full name of the interface, or null for a function of the world itself. */
  readonly interface: string | null;
  readonly descriptor: FunctionDescriptor;
}

export function skeletonOf(functions: readonly Wanted[]): string {
  const lines = ['imports: {'];
  for (const name of new Set(functions.map((one) => one.interface))) {
    const members = functions.filter((one) => one.interface === name);
    if (name === null) {
      lines.push(...members.flatMap((one) => member(one, '  ')));
      continue;
    }
    lines.push(`  '${keyOf(name, functions)}': {`);
    lines.push(...members.flatMap((one) => member(one, '    ')), '  },');
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

function member({ descriptor }: Wanted, indent: string): string[] {
  const params = descriptor.params.map((param) => lowerCamel(param.name)).join(', ');
  const name = lowerCamel(descriptor.name);
  return [
    `${indent}// ${descriptor.wit}`,
    `${indent}${name}(${params}) { throw new Error('not implemented'); },`,
  ];
}
