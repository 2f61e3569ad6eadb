// Owns how the WIT of a release of WASI becomes the text of `src/wasi/signature-table.ts`.
import type { TypeDescriptor, TypeRef, WorldDescriptor } from '../../src/descriptor.ts';
import { withoutVersion } from '../../src/names.ts';

type Part = { readonly name: string; readonly type?: TypeRef };

/** One block for each interface, one line for each type that has a name, and for each function. */
export function signatureText(world: WorldDescriptor, interfaces: readonly string[]): string {
  return interfaces.map((name) => block(world, name)).join('\n');
}

function block({ types, imports, exports }: WorldDescriptor, name: string): string {
  const found = [...imports, ...exports].find(
    (one) => one.name !== null && withoutVersion(one.name) === name,
  );
  if (found === undefined) throw new Error(`the WIT has no interface ${name}`);
  const text = (ref: TypeRef | undefined): string => {
    if (ref === undefined) return '_';
    if (typeof ref === 'string') return ref;
    const type = types[ref]!;
    return type.name ?? structure(type);
  };
  const listed = (parts: readonly Part[]) =>
    parts
      .map((part) => (part.type === undefined ? part.name : `${part.name}: ${text(part.type)}`))
      .join(', ');
  const structure = (type: TypeDescriptor): string => {
    switch (type.kind) {
      case 'record':
        return `record<${listed(type.fields)}>`;
      case 'variant':
      case 'enum':
        return `${type.kind}<${listed(type.cases)}>`;
      case 'flags':
        return `flags<${listed(type.flags)}>`;
      case 'tuple':
        return `tuple<${type.types.map(text).join(', ')}>`;
      case 'result':
        return `result<${text(type.ok)}, ${text(type.err)}>`;
      case 'list':
      case 'option':
        return `${type.kind}<${text(type.type)}>`;
      case 'own':
      case 'borrow':
        return `${type.kind}<${text(type.resource)}>`;
      case 'alias':
        return text(type.type);
      case 'resource':
        return 'resource';
      default:
        throw new Error(`WASI 0.2 has no ${type.kind}`);
    }
  };
  const definitions = types.flatMap((type) => {
    const isOwn = type.owner === found.name && type.name !== undefined;
    // What one interface takes over from another under the same name is that.
    const what = isOwn ? structure(type) : type.name;
    return isOwn && what !== type.name ? [`${type.name} = ${what}`] : [];
  });
  const functions = found.functions.map(
    (one) => `${one.name}(${listed(one.params)})${one.result === undefined ? '' : ` -> ${text(one.result)}`}`,
  );
  return [name, ...definitions.map(indented), ...functions.map(indented)].join('\n');
}

const indented = (line: string): string => `  ${line}`;
