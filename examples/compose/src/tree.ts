// Owns a tree of components, each in a sandbox of its own: a reporter above a parser and a formatter.
import { HyperlightError, MiB, Sandbox, WitError } from '@hl/host';
import { inRust, inTypeScript } from './components.js';
import { formatter } from './gen/formatter.js';
import { type ParserExports, parser } from './gen/parser.js';
import { type ReporterExports, reporter } from './gen/reporter.js';

type Table = ParserExports['acme:report/table'];

export interface Tree {
  reporter: Sandbox<ReporterExports>;
  close(): Promise<void>;
}

/** The parser came from somebody else: it gets little memory and little time, and may fail. */
const PARSER_LIMITS = { memoryBytes: MiB(16), timeoutMs: 200 };

/** `guard` is what stands between the reporter and the parser. */
export async function createTree(guard: (table: Table) => Table = survived): Promise<Tree> {
  const leaves = await Promise.all([
    Sandbox.create({ world: formatter, component: inTypeScript('formatter') }),
    Sandbox.create({ world: parser, component: inRust('parser'), limits: PARSER_LIMITS }),
  ]);
  const root = await Sandbox.create({
    world: reporter,
    component: inRust('reporter'),
    imports: {
      'acme:report/money': leaves[0].exports['acme:report/money'],
      'acme:report/table': guard(leaves[1].exports['acme:report/table']),
    },
  });
  return {
    reporter: root,
    async close() {
      await Promise.all([root, ...leaves].map((sandbox) => sandbox.close()));
    },
  };
}

/** A parser that fails has no table, and says why: the reporter sees an error of its world, and goes on. */
export function survived(table: Table): Table {
  return {
    async parse(csv) {
      try {
        return await table.parse(csv);
      } catch (error) {
        if (error instanceof WitError || !(error instanceof HyperlightError)) throw error;
        throw new WitError(`the parser failed with ${error.code}`);
      }
    },
  };
}
