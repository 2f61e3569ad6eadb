// A process that uses everything once, and ends by itself.
import { Pool, Sandbox, Snapshot } from '@hl/host';
import { component, counter, importsWith } from './components.mjs';

const sandbox = await Sandbox.create({ component, imports: importsWith() });
const { run } = sandbox.exports;
console.log(await run.hello('you'), await run.hostAdd(3), await run.hostTransform('a'));
const code = await sandbox
  .with({ timeoutMs: 50 })
  .exports.run.spin()
  .catch((error) => error.code);
console.log(code, await run.counterNext(), await run.counterNext());

const context = await sandbox.context();
await context.exports.run.counterNext();
const snapshot = await context.snapshot();
await context.finish();
const pool = await Pool.create({ snapshot, imports: importsWith(), size: 2 });
console.log(...(await Promise.all([1, 2, 3].map(() => pool.exports.run.counterNext()))));
await pool.close();
await sandbox.close();
const left = await Sandbox.create({ component: counter });
console.log(await left.exports.next(), typeof Snapshot.load);
