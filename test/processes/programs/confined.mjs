// A process that has as few rights as it was given, in which everything is done that needs none: it starts from a file
// that it wrote, as `prepare`, while it had them; or, as `trespass`, what it may not do is tried.
import { Component, Pool, Sandbox, Snapshot } from '@hl/host';
import { component, importsWith } from './components.mjs';

const [, , what, path, foreign] = process.argv;
const imports = importsWith();

if (what === 'prepare') {
  const sandbox = await Sandbox.create({ component, imports });
  await (await sandbox.snapshot()).save(path);
  await sandbox.close();
} else if (what === 'trespass') {
  const told = (attempt) =>
    attempt.then(
      () => 'done',
      ({ code, message }) => `${code} ${/--allow-[a-z-]+/.exec(message)}`,
    );
  const snapshot = await Snapshot.load(path);
  console.log(await told(Snapshot.load(foreign)));
  console.log(await told(snapshot.save(foreign)));
  console.log(await told(Component.load(component)));
} else {
  const snapshot = await Snapshot.load(path);
  const sandbox = await Sandbox.create({ snapshot, imports });
  const { run } = sandbox.exports;
  console.log(await run.hello('you'), await run.hostAdd(3), await run.grow(32n << 20n));
  const late = sandbox.with({ timeoutMs: 50 }).exports.run.spin();
  console.log(await late.catch((error) => error.code), await run.counterNext());
  const context = await sandbox.context();
  await context.exports.run.counterNext();
  console.log(await context.exports.run.counterNext());
  await context.finish();
  const pool = await Pool.create({ snapshot, imports, size: 2 });
  console.log(...(await Promise.all([1, 2, 3].map((n) => pool.exports.run.add(n, n)))));
  await Promise.all([pool.close(), sandbox.close()]);
}
