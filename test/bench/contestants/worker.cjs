// Owns the thread in which the contestant worker_threads runs the guest's script.
const { readFileSync } = require('node:fs');
const { runInThisContext } = require('node:vm');
const { parentPort, workerData } = require('node:worker_threads');

// A call to the host is a message, for whose answer this thread sleeps: [0] counts answers, [1] is the last one.
const answers = new Int32Array(workerData.answers);
globalThis.add = (left, right) => {
  const before = Atomics.load(answers, 0);
  parentPort.postMessage({ add: [left, right] });
  Atomics.wait(answers, 0, before);
  return Atomics.load(answers, 1) >>> 0;
};

runInThisContext(readFileSync(workerData.path, 'utf8'));
parentPort.on('message', ({ name, args }) => {
  parentPort.postMessage({ answer: globalThis.guest[name](...args) });
});
