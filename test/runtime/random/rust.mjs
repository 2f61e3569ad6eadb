// Owns the Rust of random types: how wit-bindgen calls them, and how each is made and told.
import { letters } from './types.mjs';
import { isListed } from './wit.mjs';

const PRIMITIVES = { s8: 'i8', s16: 'i16', s32: 'i32', s64: 'i64', string: 'String' };

const upper = (name) =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

export function rustOf(type) {
  const maybe = (part) => (part === undefined ? '()' : rustOf(part));
  switch (type.kind) {
    case 'list':
      return `Vec<${rustOf(type.of)}>`;
    case 'option':
      return `Option<${rustOf(type.of)}>`;
    case 'fixed':
      return `[${rustOf(type.of)}; ${type.length}]`;
    case 'map':
      return `Map<${rustOf(type.key)}, ${rustOf(type.value)}>`;
    case 'tuple':
      return `(${type.of.map((one) => `${rustOf(one)},`).join(' ')})`;
    case 'result':
      return `Result<${maybe(type.ok)}, ${maybe(type.err)}>`;
    default:
      return type.name === undefined ? (PRIMITIVES[type.kind] ?? type.kind) : upper(type.name);
  }
}

function implementationOf(type) {
  const name = upper(type.name);
  switch (type.kind) {
    case 'record': {
      const told = type.fields.map(([field]) => `self.${field}.tell(to); to.push(';');`).join(' ');
      const made = type.fields.map(([field]) => `${field}: Make::make(next)`).join(', ');
      return [`to.push('('); ${told} to.push(')');`, `Self { ${made} }`];
    }
    case 'variant':
    case 'enum': {
      const isVariant = type.kind === 'variant';
      const told = type.cases.map(([one, part], index) => {
        const [pattern, inner] = part === undefined ? ['', ''] : ['(value)', 'value.tell(to); '];
        const text = isVariant
          ? `to.push_str("${index}("); ${inner}to.push(')');`
          : `to.push_str("${index}");`;
        return `Self::${upper(one)}${pattern} => { ${text} }`;
      });
      const last = type.cases.length - 1;
      const made = type.cases.map(([one, part], index) => {
        const pattern = index === last ? '_' : index;
        return `${pattern} => Self::${upper(one)}${part === undefined ? '' : '(Make::make(next))'}`;
      });
      return [
        `match self { ${told.join(' ')} }`,
        `match next.next() % ${type.cases.length} { ${made.join(', ')} }`,
      ];
    }
    default: {
      const flags = type.flags.map(([flag]) => `${name}::${flag.toUpperCase()}`);
      const told = flags.map((flag) => `to.push(if self.contains(${flag}) { '1' } else { '0' });`).join(' ');
      const made = flags.map((flag) => `if next.next() & 1 == 1 { made |= ${flag}; }`).join(' ');
      return [told, `let mut made = Self::empty(); ${made} made`];
    }
  }
}

/** Implementations for the named types, and of the interface. */
export function guestOf({ types, named }) {
  const lines = named.flatMap((type) => {
    const [told, made] = implementationOf(type);
    const name = upper(type.name);
    return [
      `impl Tell for ${name} { fn tell(&self, to: &mut String) { ${told} } }`,
      `impl Make for ${name} { fn make(next: &mut Random) -> Self { ${made} } }`,
    ];
  });
  const functions = types.map((type, index) => {
    const [name, rust] = [letters(index), rustOf(type)];
    return `    value! { ${rust}, echo_${name}, tell_${name}, make_${name} }`;
  });
  const relays = types.map((type, index) => {
    const name = letters(index);
    const argument = isListed(type) ? 'std::slice::from_ref(value)' : 'argument(value)';
    return `            ${index} => relayed(seed, count, |value: &host::V${upper(name)}| host::swap_${name}(${argument})),`;
  });
  return `// Written by test/runtime/build.mjs.
${lines.join('\n')}

impl Guest for Component {
${functions.join('\n')}
    fn relay(index: u32, seed: u32, count: u32) -> Vec<String> {
        match index {
${relays.join('\n')}
            _ => panic!("there is no type {index}"),
        }
    }
}
`;
}
