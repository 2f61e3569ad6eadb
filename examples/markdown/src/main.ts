// The host program: renders the site in a micro-VM, says what it cost, and shows plug-ins that mean harm.
import assert from 'node:assert/strict';
import { HypervisorUnavailableError } from '@hl/host';
import { attempts } from './hostile.js';
import { OUTPUT_FOLDER, writePage } from './output.js';
import { findPages } from './pages.js';
import { createSite, type RenderedPage, renderPage } from './site.js';
import { type Column, formatNumber, formatTable } from './table.js';

const COLUMNS: readonly Column[] = [
  { title: 'file', align: 'left' },
  { title: 'bytes in', align: 'right' },
  { title: 'bytes out', align: 'right' },
  { title: 'microseconds', align: 'right' },
  { title: 'pages reset', align: 'right' },
  { title: 'VM exits', align: 'right' },
];

async function main(): Promise<void> {
  const pages = findPages();
  await using sandbox = await createSite(pages);
  const rendered: RenderedPage[] = [];
  for (const page of pages) {
    const one = await renderPage(sandbox, page);
    writePage(one.path, one.html);
    rendered.push(one);
  }
  console.log(formatTable(COLUMNS, [...rendered.map(toRow), toRow(total(rendered))]));
  console.log(`\nThe HTML is in ${OUTPUT_FOLDER}/. Then three plug-ins that mean harm:`);
  for (const attempt of attempts) console.log(`- one that ${await attempt()}`);

  const [first] = pages;
  const [before] = rendered;
  assert(first !== undefined && before !== undefined, 'a site has pages');
  const again = await renderPage(sandbox, first);
  assert.equal(again.html, before.html, `${first.path} came out different the second time`);
  console.log(`The first plug-in goes on working: ${first.path} came out the same, byte for byte.`);
}

function toRow({ path, bytesIn, bytesOut, cost }: Omit<RenderedPage, 'html'>): string[] {
  return [path, ...[bytesIn, bytesOut, cost.micros, cost.pages, cost.exits].map(formatNumber)];
}

function total(all: readonly RenderedPage[]): Omit<RenderedPage, 'html'> {
  const sum = (value: (page: RenderedPage) => number) => all.reduce((soFar, page) => soFar + value(page), 0);
  return {
    path: `${all.length} files`,
    bytesIn: sum(({ bytesIn }) => bytesIn),
    bytesOut: sum(({ bytesOut }) => bytesOut),
    cost: {
      calls: all.length,
      micros: sum(({ cost }) => cost.micros),
      queueMicros: sum(({ cost }) => cost.queueMicros),
      wakeMicros: sum(({ cost }) => cost.wakeMicros),
      guestMicros: sum(({ cost }) => cost.guestMicros),
      hostMicros: sum(({ cost }) => cost.hostMicros),
      hostCalls: sum(({ cost }) => cost.hostCalls),
      exits: sum(({ cost }) => cost.exits),
      pages: sum(({ cost }) => cost.pages),
    },
  };
}

main().catch((error: unknown) => {
  // The one failure that is no mistake of this program's; its message says what would help.
  if (!(error instanceof HypervisorUnavailableError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
