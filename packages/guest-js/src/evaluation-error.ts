// Owns the message for a component that the engine's tools could not make: mostly, the guest's top level threw.
import { GuestBuildError } from './errors.js';
import { find, OURS, original, type Positions, written } from './guest/positions.js';
import { type Misfit, UNFIT } from './guest/unfit.js';

/** What the engines' tools write around the author's error. */
const AROUND: readonly RegExp[] = [
  /^:? ?Failed to evaluate user JavaScript module: /,
  /^Failed to finish JavaScript module evaluation: /,
  /^Failed to initialize component .*:$/,
  /^Exception while evaluating top-level script$/,
  /^Additionally, some promises were rejected, but the rejection never handled:$/,
  /^Promise rejected but never handled: .*$/,
  /^\s*Stack:\s*$/,
];

const FRAME = /^\s*at .*:\d+|^\s*[^@\s]*@.*:\d+:\d+$/;

/** How the tools begin when it was the guest's own code that failed. */
const EVALUATION = /^:? ?Failed to (evaluate user JavaScript|initialize component)/;

const UNFIT_LINE = new RegExp(`${UNFIT} (\\[.*\\])$`, 'm');

/** The engine's own text, with the author's files and lines. */
export function evaluationError(cause: Error, positions: Positions): GuestBuildError {
  if (!EVALUATION.test(cause.message)) {
    return new GuestBuildError('componentize', `the engine's tools failed: ${cause.message}`, { cause });
  }
  const [, misfits] = UNFIT_LINE.exec(cause.message) ?? [];
  if (misfits !== undefined) return unfitExports(JSON.parse(misfits) as Misfit[], positions, cause);
  const frames = original(cause.message, positions);
  const lines = cause.message
    .split('\n')
    .filter((line) => !FRAME.test(line))
    .map((line) => AROUND.reduce((text, pattern) => text.replace(pattern, ''), line))
    .map((line) => withPlace(line, positions))
    .filter((line) => line.trim() !== '');
  const text = [...lines, ...(frames === '' ? [] : [frames])].join('\n');
  return new GuestBuildError('evaluate', `the guest failed when its top level ran, at the build:\n${text}`, {
    cause,
  });
}

function unfitExports(misfits: readonly Misfit[], positions: Positions, cause: Error): GuestBuildError {
  const lines = misfits.map(({ text, at }) => {
    const place = at && find(positions, ...at);
    return place && place.source !== OURS ? `  ${written(place)}: ${text}` : `  ${text}`;
  });
  return new GuestBuildError(
    'exports',
    `the guest does not export what its world asks for:\n${lines.join('\n')}`,
    { cause },
  );
}

/** StarlingMonkey begins with the place where it happened: `guest.js:7:4 TypeError: ...`. */
function withPlace(line: string, positions: Positions): string {
  const [whole, at, column] = /^\S*guest\.js:(\d+):(\d+) /.exec(line) ?? [];
  if (whole === undefined) return line;
  const place = find(positions, Number(at), Number(column));
  const rest = line.slice(whole.length);
  return place && place.source !== OURS ? `${written(place)} ${rest}` : rest;
}
