// Owns what a run leaves on disk: the last report for programs, and on demand the page of docs with its chart.
import { mkdirSync, writeFileSync } from 'node:fs';
import { inPackage, inRoot } from '../paths.js';
import { chart } from './chart.js';
import { comparisonTables } from './comparison.js';
import type { Report } from './report.js';
import { asMarkdown } from './table.js';
import { floorsTable, resultsTable, targetsTable } from './tables.js';

export function writeResults(report: Report): void {
  mkdirSync(inPackage('results'), { recursive: true });
  writeFileSync(inPackage('results/latest.json'), `${JSON.stringify(report, null, 2)}\n`);
}

export function writePage(report: Report): void {
  writeFileSync(inRoot('docs/benchmarks.md'), page(report));
  writeFileSync(inRoot('docs/benchmarks.svg'), chart(report));
}

export function page(report: Report): string {
  const { machine, date, command, skipped } = report;
  const tables = [
    floorsTable(report),
    targetsTable(report),
    ...comparisonTables(report),
    resultsTable(report),
  ].map(asMarkdown);
  return `# Benchmarks

Measured on ${date} by \`${command}\` on ${machine.cores} cores of ${machine.processor}, ${machine.memoryGiB} GiB, Linux
${machine.kernel}, Node ${machine.node}. All of it is of one run, taken in turns; what each line means and how it is
checked is in [test/bench](../test/bench/README.md). This page is generated; run the command to get your own.

![Time from call to answer, by contestant](benchmarks.svg)

${tables.join('\n\n')}
${skipped.length === 0 ? '' : '\n## Not available\n\n'}${skipped.map(({ name, reason }) => `- \`${name}\`: ${reason}\n`).join('')}`;
}
