// A process that makes sandboxes until the system has no more of something, makes room, and goes on.
import { Sandbox } from '@hl/host';
import { counter } from './components.mjs';

const ENOUGH = 500;

const first = await Sandbox.create({ component: counter });
const snapshot = await first.snapshot();
const context = await first.context();
await context.exports.next();

const made = [];
const error = await (async () => {
  while (made.length < ENOUGH) made.push(await Sandbox.create({ snapshot }));
})().catch((failure) => failure);
console.log(error?.code, error?.message.replace(/^.*(\(os error \d+\)); .*(ulimit -\w).*$/, '$1 $2'));

// Nothing is lost: not the state of a context, not the sandboxes that there are.
console.log(await context.exports.next(), await made.at(-1).exports.next());
await made.pop().close();
const again = await Sandbox.create({ snapshot });
console.log(await again.exports.next());
await Promise.all([...made, again, first].map((sandbox) => sandbox.close()));
