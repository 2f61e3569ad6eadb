// Owns how tests run the TypeScript compiler: as strict as a user can ask for, with no types but the language's.
import { join } from 'node:path';
import ts from 'typescript';

const here = import.meta.dirname;

export type Resolution = 'node16' | 'nodenext' | 'bundler';

/** What the compiler says about `files`, one line each; empty if all is well. `texts` are files that are on no disk. */
export function compile(
  files: readonly string[],
  resolution: Resolution,
  texts: ReadonlyMap<string, string> = new Map(),
): string[] {
  const isBundler = resolution === 'bundler';
  const { Node16, NodeNext, Preserve } = ts.ModuleKind;
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
    skipLibCheck: false,
    noEmit: true,
    types: [],
    lib: ['lib.es2022.d.ts'],
    target: ts.ScriptTarget.ES2022,
    module: isBundler ? Preserve : resolution === 'node16' ? Node16 : NodeNext,
    moduleResolution: isBundler ? ts.ModuleResolutionKind.Bundler : ts.ModuleResolutionKind.NodeNext,
    paths: { '@hl/host': [join(here, 'host.d.ts')] },
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => texts.has(path) || fileExists(path);
  host.readFile = (path) => texts.get(path) ?? readFile(path);
  const program = ts.createProgram([...files], options, host);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
    if (diagnostic.file === undefined) return text;
    const { line } = ts.getLineAndCharacterOfPosition(diagnostic.file, diagnostic.start ?? 0);
    return `${diagnostic.file.fileName}:${line + 1}: ${text}`;
  });
}
