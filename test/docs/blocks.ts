// Owns what code stands on a page of the documentation. A fence says after its language what becomes of the code:
// a file name, by which other code on the page finds it, and `run` if it is a program, or lines for a shell, whose output
// the page shows.
export interface Block {
  language: string;
  /** Given by the page, or made up for code that nothing else refers to. */
  file: string;
  isNamed: boolean;
  run: boolean;
  text: string;
  /** What the page says that the program prints: the next block of text, or of a console. */
  output: string | undefined;
}

const FENCE = /^(`{3,})(\w+)(.*)\n([\s\S]*?)^\1$/gm;

/** Languages that the compiler reads, and how their files end. */
const CODE: Record<string, string> = { ts: '.ts', js: '.mjs', mjs: '.mjs', cjs: '.cjs' };

export function blocksOf(markdown: string): Block[] {
  const found = [...markdown.matchAll(FENCE)].map(([, , language = '', words = '', text = '']) => ({
    language,
    words: words.trim().split(/\s+/),
    text,
  }));
  return found.map(({ language, words, text }, index) => {
    const name = words.find((word) => word.includes('.'));
    const file = name ?? `block-${index + 1}${CODE[language] ?? '.txt'}`;
    const output = found.slice(index + 1).find((other) => /^(text|console)$/.test(other.language));
    return {
      language,
      file,
      isNamed: name !== undefined,
      run: words.includes('run'),
      text,
      output: output?.text.replace(/^\$ .*\n/gm, ''),
    };
  });
}

export const isCode = ({ language }: Block): boolean => Object.hasOwn(CODE, language);

/** Blocks that are files of the page's project. */
export const isFile = (block: Block): boolean =>
  isCode(block) || block.language === 'wit' || (block.language === 'rust' && block.isNamed);

/** Of our own tools: `['@hl/bindgen', 'wit', '--out', 'src/gen']`. */
export const commandsOf = (blocks: readonly Block[]): string[][] => linesOf(blocks, 'npx @hl/');

/** Of Rust's compiler: `['-O', 'main.rs']`. */
export const rustcOf = (blocks: readonly Block[]): string[][] => linesOf(blocks, 'rustc ');

/** The words of each line, without the first. */
function linesOf(blocks: readonly Block[], beginning: string): string[][] {
  const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'));
  return lines.filter((line) => line.startsWith(beginning)).map((line) => line.split(/\s+/).slice(1));
}
