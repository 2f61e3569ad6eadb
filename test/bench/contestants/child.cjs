// Owns the process in which the contestant child_process.fork runs the guest's script.
const { readFileSync } = require('node:fs');
const { runInThisContext } = require('node:vm');

runInThisContext(readFileSync(process.argv[2], 'utf8'));
process.on('message', ({ name, args }) => {
  process.send({ answer: globalThis.guest[name](...args) });
});
