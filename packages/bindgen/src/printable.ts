// Owns the text of a generated module: what can be printed, indentation, quoting, docs and type imports.
import { Names } from './allocate.js';
import { BindgenError } from './errors.js';

/** The widest line that generated code has, where it can be helped. */
export const WIDTH = 110;

/** A component's types can share parts without names, and would be printed without end. */
const SIZE_MAX = 32 << 20;

/** What a template takes. Everything but plain code says what it is, so that quoting happens here alone. */
export type Printable =
  | string
  | readonly Printable[]
  /** A string literal. */
  | { readonly kind: 'quoted'; readonly text: string }
  /** A property's name, quoted where it is no identifier. */
  | { readonly kind: 'key'; readonly name: string }
  /** A type that some module exports; imported if that is another one. */
  | { readonly kind: 'symbol'; readonly name: string; readonly module: string };

export const quoted = (text: string): Printable => ({ kind: 'quoted', text });
export const key = (name: string): Printable => ({ kind: 'key', name });
/** The name of a method in a type, where `new` without quotes would be the constructor. */
export const method = (name: string): Printable => (name === 'new' ? quoted(name) : key(name));

/** Code with printables in it. */
export function code(texts: TemplateStringsArray, ...parts: Printable[]): Printable {
  return texts.flatMap((text, index) => (index < parts.length ? [text, parts[index] as Printable] : [text]));
}

/** `parts` with `separator` between them. */
export function joined(parts: readonly Printable[], separator: string): Printable {
  return parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part]));
}

/** Single quotes, and escapes for what a line of code cannot hold. */
export function quote(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

export function quoteKey(name: string): string {
  return IDENTIFIER.test(name) ? name : quote(name);
}

/** Wherever JavaScript sees the end of a line. What TypeScript would take for its own orders is made words. */
function linesOf(text: string): string[] {
  return text
    .trim()
    .replaceAll(/@(?=ts-)/g, '@ ')
    .split(/\r\n|[\n\r\u2028\u2029]/);
}

/** The body of one module, line by line. */
export class ModuleText {
  readonly #module: string;
  readonly #names: Names;
  readonly #lines: string[] = [];
  #size = 0;
  /** By module, then exported name: the name here. */
  readonly #imports = new Map<string, Map<string, string>>();
  readonly #base: string;
  #indent: string;

  /** `declared` are the names that the module declares itself; an import of such a name gets another. */
  constructor(module: string, declared: Iterable<string>, indent = '') {
    this.#module = module;
    this.#names = new Names(declared);
    this.#base = indent;
    this.#indent = indent;
  }

  /** Adds one line. */
  print(texts: TemplateStringsArray, ...parts: Printable[]): void {
    this.line(code(texts, ...parts));
  }

  line(part: Printable): void {
    const line = `${this.#indent}${this.render(part)}`;
    this.#size += line.length;
    if (this.#size > SIZE_MAX) {
      throw new BindgenError(
        `the types of this world fill more than ${SIZE_MAX} characters, make it smaller`,
      );
    }
    this.#lines.push(line);
  }

  /** Adds lines as they are; for what was laid out elsewhere. */
  raw(text: string): void {
    this.#lines.push(...text.split('\n').map((line) => (line === '' ? '' : `${this.#indent}${line}`)));
  }

  /** An empty line, unless a block has just begun or one stands there already. */
  blank(): void {
    const last = this.#lines.at(-1);
    if (last !== undefined && last !== '' && !/[{[(]$/.test(last)) this.#lines.push('');
  }

  /** `open`, what `body` prints one step further in, and `close` if there is one. */
  block(open: Printable, body: () => void, close: Printable | null = '}'): void {
    this.line(open);
    const start = this.#lines.length;
    const before = this.#indent;
    this.#indent += '  ';
    body();
    this.#indent = before;
    if (close === null) return;
    if (this.#lines.length > start) this.line(close);
    else this.#lines[start - 1] += this.render(close);
  }

  /** A doc comment, if any of the paragraphs has text. */
  docs(...paragraphs: (string | undefined)[]): void {
    const texts = paragraphs.filter((text): text is string => text !== undefined && text.trim() !== '');
    if (texts.length === 0) return;
    // A tag ends the text before it, so the empty line between paragraphs is for prose only.
    const lines = texts.flatMap((text, index) => {
      const own = linesOf(text.replaceAll('*/', '*\\/'));
      return index === 0 || text.startsWith('@') ? own : ['', ...own];
    });
    if (lines.length === 1) {
      this.line(`/** ${lines[0] as string} */`);
      return;
    }
    this.line('/**');
    for (const line of lines) this.line(` * ${line}`.trimEnd());
    this.line(' */');
  }

  /** Likewise where nothing follows that a doc comment could be of. */
  comment(text: string | undefined): void {
    if (text === undefined || text.trim() === '') return;
    for (const line of linesOf(text)) this.line(`// ${line}`.trimEnd());
  }

  render(part: Printable): string {
    if (typeof part === 'string') return part;
    if (!('kind' in part)) return part.map((one) => this.render(one)).join('');
    switch (part.kind) {
      case 'quoted':
        return quote(part.text);
      case 'key':
        return quoteKey(part.name);
      case 'symbol':
        return part.module === this.#module ? part.name : this.#import(part.module, part.name);
    }
  }

  /** How much room a line has left at the present indentation. */
  get room(): number {
    return WIDTH - this.#indent.length;
  }

  #import(module: string, name: string): string {
    const names = this.#imports.get(module) ?? new Map<string, string>();
    this.#imports.set(module, names);
    const known = names.get(name);
    if (known !== undefined) return known;
    const local = this.#names.declare(name);
    names.set(name, local);
    return local;
  }

  /** Imports first. */
  toString(): string {
    const imports = [...this.#imports].map(([module, names]) => {
      const list = [...names].map(([name, local]) => (name === local ? name : `${name} as ${local}`));
      return `${this.#base}import type { ${list.join(', ')} } from ${quote(module)};`;
    });
    const head = imports.length === 0 ? [] : [...imports, ''];
    return [...head, ...this.#lines].join('\n');
  }
}
