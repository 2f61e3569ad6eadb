// Owns how a script starts another program: the environment it sees, and a sign of life each minute of a long one.
import { spawn } from 'node:child_process';
import { environment, root } from './environment.mjs';

const SIGN_OF_LIFE_MS = 60_000;

/**
 * Runs a program to its end and answers with its exit code. Its output goes to the terminal as it comes;
 * `onLine` sees each line of standard output as well.
 */
export function run(program, options, { env = {}, cwd = root, onLine, toStderr = false } = {}) {
  const started = Date.now();
  const alive = setInterval(() => {
    console.error(
      `... ${program} ${options[0] ?? ''} is at work since ${Math.round((Date.now() - started) / 1000)} s`,
    );
  }, SIGN_OF_LIFE_MS);

  const standardOutput = onLine ? 'pipe' : toStderr ? process.stderr : 'inherit';
  const child = spawn(program, options, {
    cwd,
    env: { ...environment, ...env },
    stdio: ['ignore', standardOutput, 'inherit'],
  });
  if (onLine) forwardLines(child.stdout, onLine);

  return new Promise((resolve) => {
    const end = (code) => {
      clearInterval(alive);
      resolve(code);
    };
    child.on('error', (error) => {
      console.error(`${program} could not be started: ${error.message}`);
      end(127);
    });
    child.on('close', (code, signal) => {
      if (signal) console.error(`${program} was ended by ${signal}`);
      end(code ?? 1);
    });
  });
}

/** Like `run`, but ends the whole process with the program's exit code when that is not 0. */
export async function mustRun(program, options, settings) {
  const code = await run(program, options, settings);
  if (code !== 0) process.exit(code);
}

function forwardLines(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text) => {
    process.stdout.write(text);
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => rest && onLine(rest));
}
