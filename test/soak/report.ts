// Owns what a run says at its end: the table for the terminal, the page of docs and its chart.
import { cpus, release, totalmem } from 'node:os';
import { asMarkdown, asText, type Table } from '../bench/src/report/table.js';
import type { Counts } from './counts.js';
import type { Metric, Verdict } from './rule.js';
import type { Sample } from './samples.js';

export interface Run {
  readonly counts: Counts;
  readonly samples: readonly Sample[];
  readonly verdicts: readonly Verdict[];
  /** Why there is no figure of a control group, if there is none. */
  readonly ungrouped: string | undefined;
  readonly command: string;
}

const NAMES: Readonly<Record<Metric, string>> = {
  rssMiB: 'resident, MiB',
  pssMiB: 'proportional (PSS), MiB',
  anonymousMiB: 'anonymous, MiB',
  heapMiB: 'JavaScript heap, MiB',
  buffersMiB: 'JavaScript buffers, MiB',
  groupMiB: 'control group, MiB',
  descriptors: 'descriptors',
  threads: 'threads',
  mappings: 'mappings',
};

export function asTerminalText(run: Run): string {
  const { samples, ungrouped } = run;
  const minutes = (samples.at(-1)!.seconds / 60).toFixed(1);
  const notes = ungrouped === undefined ? '' : `\nthe control group's memory is left out: ${ungrouped}`;
  return `${asText(countsTable(run))}\n\n${asText(verdictsTable(run))}\n\n${samples.length} samples in ${minutes} minutes${notes}`;
}

function countsTable({ counts }: Run): Table {
  const rows = [
    ['calls', counts.calls],
    ['sandboxes made and closed', counts.cycles],
    ['timeouts', counts.timeouts],
    ['cancels', counts.cancels],
    ['traps', counts.traps],
    ['contexts', counts.contexts],
    ['host functions called', counts.hostCalls],
    ['resources made, either side', counts.resources],
    ['programs with files and streams', counts.programs],
    ['pools of two made and closed', counts.pools],
    ['snapshots taken', counts.snapshots],
  ] as const;
  return {
    head: ['in one process', 'count'],
    rows: rows.map(([name, count]) => [name, count.toLocaleString('en-US')]),
  };
}

function verdictsTable({ verdicts }: Run): Table {
  return {
    head: ['held', 'second tenth', 'last tenth', 'most', 'rise', 'trend', 'late trend', 'allowed', ''],
    rows: verdicts.map(({ metric, second, last, most, rise, trend, late, allowance, isFlat }) => [
      NAMES[metric],
      ...[second, last, most, rise, trend, late].map((value) =>
        value.toFixed(metric.endsWith('MiB') ? 2 : 0),
      ),
      String(allowance),
      isFlat ? 'flat' : 'GROWS',
    ]),
  };
}

export function page(run: Run): string {
  const { samples, command, ungrouped } = run;
  const minutes = (samples.at(-1)!.seconds / 60).toFixed(0);
  const { cores, processor, memoryGiB } = machine();
  return `# Soak

What one process holds while it makes calls and sandboxes for ${minutes} minutes: measured on
${new Date().toISOString().slice(0, 10)} by \`${command}\` on ${cores} cores of ${processor}, ${memoryGiB} GiB, Linux ${release()}, Node
${process.versions.node}. What a run consists of, and how to make one, is told in [test/soak](../test/soak/README.md). This page is
generated; run the command to get your own.

${asMarkdown(countsTable(run))}

All kinds of work are mixed over the whole run, in turns that are all alike. ${samples.length} times, at even distances, the garbage is
collected and a sample is taken.

![Memory, descriptors, threads and mappings over the run](soak.svg)

## The rule

The first tenth of the samples is warming up. From then on each line must be flat, by three figures: the **rise** is the
median of the last tenth less that of the second tenth; the **trend** is the median of the slopes between all pairs of
samples (Theil and Sen's), times the length of what is looked at. Neither may be above what is allowed; and the **late
trend**, that of the second half times the length of that half, not above a third of it: heaps and compiled code come to rest
slowly, leaks never. The command fails if anything is above.

What is allowed leaves room for V8's heap and compiled code, for the four VMs that may wait to be used again, and, in PSS, for
Node's own file, whose pages are this process's alone when no other runs it. It is little for a leak: 12 MiB in the
900,000 calls of a whole run are 14 bytes a call, or 700 for each sandbox that was made and closed.

${asMarkdown(verdictsTable(run))}
${ungrouped === undefined ? '' : `\nThe memory of a control group is left out: ${ungrouped}.\n`}`;
}

function machine(): { cores: number; processor: string; memoryGiB: number } {
  const [first] = cpus();
  return {
    cores: cpus().length,
    processor: first?.model ?? 'an unknown processor',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}
