// Owns the chart: one bar for each way to get an answer of hello, shorter is faster, each grid line ten times the last.
import { type CallState, callName } from '../cells/names.js';
import { OURS, others } from '../contestants/list.js';
import type { Engine } from '../guests.js';
import { ENGINE_LABELS } from './comparison.js';
import { Figures } from './figures.js';
import type { Report } from './report.js';
import { at, escaped, svg } from './svg.js';
import { figure } from './table.js';

export interface Bar {
  readonly label: string;
  readonly micros: number;
  readonly isOurs: boolean;
}

const WIDTH = 760;
const LEFT = 250;
const RIGHT = 90;
const BAR = 16;
const STEP = 24;
const PANEL_HEAD = 34;
const PANEL_FOOT = 30;

export function chart(report: Report): string {
  const figures = new Figures(report);
  const panels = [
    panel('Fresh state for each call: hello, p50', bars(figures, ['fresh', 'fresh-memory'])),
    panel('A guest that keeps its state: hello, p50', bars(figures, ['context'])),
  ];
  let top = 0;
  const placed = panels.map(({ height, body }) => {
    const group = `<g transform="translate(0 ${top})">${body}</g>`;
    top += height;
    return group;
  });
  const title = 'Time from call to answer, by contestant, logarithmic';
  return svg({ title, width: WIDTH, height: top, body: placed.join('\n') });
}

/** Fastest first. Of jco, the fastest Node for each engine. */
function bars(figures: Figures, states: readonly CallState[]): Bar[] {
  const ours = OURS.engines.flatMap((engine) =>
    states.map((state) => {
      const reset = state === 'fresh-memory' ? ', memory reset' : '';
      const name = callName('', state, engine, 'hello');
      return { label: `ours, ${ENGINE_LABELS[engine]}${reset}`, name, isOurs: true };
    }),
  );
  const state = states[0]!;
  const jcos = others().filter(({ prefix }) => prefix.startsWith('jco-'));
  const jco = OURS.engines.map((engine) => {
    const name = figures.fastest(jcos.map(({ prefix }) => callName(prefix, state, engine, 'hello')));
    const node = jcos.find(({ prefix }) => name.startsWith(prefix))?.label ?? 'jco';
    return { label: `${node}, ${ENGINE_LABELS[engine]}`, name, isOurs: false };
  });
  const rest = others().flatMap(({ prefix, label, engines }) =>
    prefix.startsWith('jco-') ? [] : engines.map((engine) => other(prefix, label, engine, state)),
  );
  return [...ours, ...jco, ...rest]
    .flatMap(({ label, name, isOurs }) => {
      const micros = figures.get(name)?.p50;
      return micros === undefined ? [] : [{ label, micros, isOurs }];
    })
    .sort((left, right) => left.micros - right.micros);
}

function other(prefix: string, label: string, engine: Engine, state: CallState) {
  const name = callName(prefix, state, engine, 'hello');
  return { label: `${label}, ${ENGINE_LABELS[engine]}`, name, isOurs: false };
}

/** Its scale begins and ends at powers of ten. */
export function panel(title: string, bars: readonly Bar[]): { height: number; body: string } {
  const values = bars.map(({ micros }) => micros);
  const low = Math.floor(Math.log10(Math.min(...values, 1)));
  const high = Math.max(Math.ceil(Math.log10(Math.max(...values, 10))), low + 1);
  const x = (micros: number) => LEFT + ((Math.log10(micros) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const bottom = PANEL_HEAD + bars.length * STEP;
  const decades = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
  const grid = decades.map(
    (value) =>
      `<line class="grid" x1="${at(x(value))}" x2="${at(x(value))}" y1="${PANEL_HEAD - 6}" y2="${bottom}"/>` +
      `<text class="small" x="${at(x(value))}" y="${bottom + 14}" text-anchor="middle">${scale(value)}</text>`,
  );
  const rows = bars.map(({ label, micros, isOurs }, index) => {
    const y = PANEL_HEAD + index * STEP;
    return (
      `<text x="${LEFT - 8}" y="${y + 12}" text-anchor="end">${escaped(label)}</text>` +
      `<rect class="${isOurs ? 'ours' : 'other'}" x="${LEFT}" y="${y}" width="${at(x(micros) - LEFT)}" height="${BAR}" rx="2"/>` +
      `<text x="${at(x(micros) + 6)}" y="${y + 12}">${figure(micros)} us</text>`
    );
  });
  const heading = `<text class="title" x="8" y="18">${escaped(title)}</text>`;
  return { height: bottom + PANEL_FOOT, body: [heading, ...grid, ...rows].join('\n') };
}

function scale(micros: number): string {
  return micros >= 1000 ? `${micros / 1000} ms` : `${micros} us`;
}
