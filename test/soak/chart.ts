// Owns the chart of a run: memory over calls, and below it what is counted.
import { at, escaped, svg } from '../bench/src/report/svg.js';
import type { Sample } from './samples.js';

interface Line {
  readonly label: string;
  readonly style: 'first' | 'second' | 'third' | 'fourth';
  readonly value: (sample: Sample) => number | undefined;
}

const MEMORY: readonly Line[] = [
  { label: 'resident', style: 'first', value: ({ rssMiB }) => rssMiB },
  { label: 'control group', style: 'fourth', value: ({ groupMiB }) => groupMiB },
  { label: 'anonymous', style: 'second', value: ({ anonymousMiB }) => anonymousMiB },
  { label: 'JavaScript heap', style: 'third', value: ({ heapMiB }) => heapMiB },
];

const COUNTED: readonly Line[] = [
  { label: 'mappings', style: 'first', value: ({ mappings }) => mappings },
  { label: 'descriptors', style: 'second', value: ({ descriptors }) => descriptors },
  { label: 'threads', style: 'third', value: ({ threads }) => threads },
];

const WIDTH = 760;
const LEFT = 56;
const RIGHT = 130;
const TOP = 34;
const TALL = 200;
const FOOT = 44;
const LABEL = 15;

export function chart(samples: readonly Sample[]): string {
  const height = TOP + TALL + FOOT;
  const panels = [panel('Memory, MiB', MEMORY, samples), panel('Held', COUNTED, samples)];
  const body = panels.map((text, index) => `<g transform="translate(0 ${index * height})">${text}</g>`);
  const title = 'Memory, descriptors, threads and mappings over the run';
  return svg({ title, width: WIDTH, height: panels.length * height, body: body.join('\n') });
}

function panel(title: string, lines: readonly Line[], samples: readonly Sample[]): string {
  const drawn = lines.filter(({ value }) => samples.every((sample) => value(sample) !== undefined));
  const most = Math.max(...drawn.flatMap(({ value }) => samples.map((sample) => value(sample)!)));
  const step = stepOf(most);
  const top = Math.ceil(most / step) * step;
  const calls = samples.at(-1)!.calls;
  const x = (sample: Sample) => LEFT + (sample.calls / calls) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => TOP + TALL - (value / top) * TALL;
  const grid = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => index * step).map(
    (value) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(value))}" y2="${at(y(value))}"/>` +
      `<text class="small" x="${LEFT - 8}" y="${at(y(value) + 4)}" text-anchor="end">${value}</text>`,
  );
  const scale = [0, 0.5, 1].map(
    (part) =>
      `<text class="small" x="${at(LEFT + part * (WIDTH - LEFT - RIGHT))}" y="${TOP + TALL + 18}" text-anchor="middle">${Math.round(part * calls).toLocaleString('en-US')} calls</text>`,
  );
  const curves = drawn.map(({ style, value }) => {
    const points = samples.map((sample) => `${at(x(sample))},${at(y(value(sample)!))}`);
    return `<polyline class="line ${style}" points="${points.join(' ')}"/>`;
  });
  const heading = `<text class="title" x="8" y="18">${escaped(title)}</text>`;
  return [heading, ...grid, ...scale, ...curves, ...labels(drawn, samples.at(-1)!, y)].join('\n');
}

/** Beside the ends of their lines, and not over each other. */
function labels(lines: readonly Line[], last: Sample, y: (value: number) => number): string[] {
  let lowest = Number.NEGATIVE_INFINITY;
  return lines
    .map((line) => ({ line, wanted: y(line.value(last)!) + 4 }))
    .sort((one, other) => one.wanted - other.wanted)
    .map(({ line, wanted }) => {
      lowest = Math.max(wanted, lowest + LABEL);
      const from = WIDTH - RIGHT + 8;
      return (
        `<line class="line ${line.style}" x1="${from}" x2="${from + 12}" y1="${at(lowest - 4)}" y2="${at(lowest - 4)}"/>` +
        `<text x="${from + 18}" y="${at(lowest)}">${escaped(line.label)}</text>`
      );
    });
}

/** About five grid lines, at round figures. */
function stepOf(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1) / 5));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => most / step <= 6)!;
}
