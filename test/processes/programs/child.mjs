// A process and its forked children, all with sandboxes, all at once; the last child is killed.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Sandbox } from '@hl/host';
import { component, importsWith } from './components.mjs';

const sandbox = await Sandbox.create({ component, imports: importsWith() });
if (process.send !== undefined) {
  process.once('message', async () => {
    process.send(await sandbox.exports.run.hello('child'));
    if (process.argv[2] === 'spin') await sandbox.exports.run.spin();
    await sandbox.close();
    process.disconnect();
  });
} else {
  const context = await sandbox.context();
  await context.exports.run.counterNext();
  const start = (...args) => fork(fileURLToPath(import.meta.url), args);
  const children = [start(), start(), start('spin')];
  const answers = children.map((child) => once(child, 'message'));
  const ends = children.map((child) => once(child, 'exit'));
  const spinning = sandbox.context().catch((error) => error.code);
  for (const child of children) child.send('go');
  console.log((await Promise.all(answers)).map(([text]) => text).join());
  children[2].kill('SIGKILL');
  console.log((await Promise.all(ends)).map(([status, signal]) => status ?? signal).join());
  console.log(await spinning, await context.exports.run.counterNext());
  await context.finish();
  console.log(await sandbox.exports.run.counterNext());
}
