// Owns `doctor`: the checks as a table, with what to do.
import { type Check, doctor as diagnose } from '../doctor.js';
import { type Command, parse } from './command.js';

export const doctor: Command = {
  name: 'doctor',
  usage: ['doctor [--json]'],
  summary: 'say whether micro-VMs can run here, and if not, what to do',
  async run(args) {
    const { values } = parse(args, { options: { json: { type: 'boolean' } }, positionalsMax: 0 });
    const diagnosis = await diagnose();
    if (values['json'] === true) process.stdout.write(`${JSON.stringify(diagnosis, null, 2)}\n`);
    else process.stdout.write(table(diagnosis.checks));
    return diagnosis.ok ? 0 : 1;
  },
};

function table(checks: readonly Check[]): string {
  const width = Math.max(...checks.map((check) => check.name.length));
  const lines = checks.flatMap(({ name, ok, detail, hint }) => {
    const line = `${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(width)}  ${detail}`;
    return hint === undefined ? [line] : [line, `      ${''.padEnd(width)}  ${hint}`];
  });
  return `${lines.join('\n')}\n`;
}
