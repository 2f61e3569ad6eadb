// Owns what a run leaves on disk: the last report for programs, and on demand the page of docs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { inPackage, inRoot } from '../paths.js';
import type { Report } from './report.js';
import { asMarkdown, floorsTable, resultsTable } from './table.js';

export function writeResults(report: Report): void {
  mkdirSync(inPackage('results'), { recursive: true });
  writeFileSync(inPackage('results/latest.json'), `${JSON.stringify(report, null, 2)}\n`);
}

export function writePage(report: Report): void {
  writeFileSync(inRoot('docs/benchmarks.md'), page(report));
}

function page(report: Report): string {
  const { machine, date, command, skipped } = report;
  return `# Benchmarks

Measured on ${date} by \`${command}\` on ${machine.cores} cores of ${machine.processor}, ${machine.memoryGiB} GiB, Linux
${machine.kernel}, Node ${machine.node}. Floors and results are of one run, taken in turns; what each line means and how
it is checked is in [test/bench](../test/bench/README.md). This page is generated; run the command to get your own.

${asMarkdown(floorsTable(report))}

${asMarkdown(resultsTable(report))}
${skipped.map(({ name, reason }) => `\nLeft out: \`${name}\` (${reason})\n`).join('')}`;
}
