// A process that is ended from within, while a call is at the point that its first argument names.
import { Sandbox, Snapshot } from '@hl/host';
import { component, delay, importsWith } from './components.mjs';

const [, , where, how] = process.argv;

const end = {
  exit: () => process.exit(3),
  throw: () => {
    throw new Error('nobody catches this');
  },
  reject: () => void Promise.reject(new Error('nobody catches this either')),
  sigterm: () => process.kill(process.pid, 'SIGTERM'),
  handled: () => {
    process.once('SIGTERM', () => process.exit(4));
    process.kill(process.pid, 'SIGTERM');
  },
}[how];

const create = (imports, options = {}) =>
  Sandbox.create({ component, imports: importsWith(imports), ...options });

const at = {
  guest: async () => {
    const { exports } = await create();
    exports.run.spin().catch(() => undefined);
    setTimeout(end, 20);
  },
  place: async () => {
    // Answered while this thread waits for it, in the line below.
    const { exports } = await create({
      add: () => {
        end();
        return 1;
      },
    });
    await exports.run.hostAdd(1).catch((error) => {
      setImmediate(() => {
        throw error;
      });
    });
  },
  hostFunction: async () => {
    const { exports } = await create({ add: () => delay(60_000) });
    exports.run.hostAdd(1).catch(() => undefined);
    setTimeout(end, 20);
  },
  output: async () => {
    const { exports } = await create({}, { stdout: end });
    await exports.run.print('text');
  },
  reset: async () => {
    const { exports } = await create();
    await exports.run.grow(8n << 20n);
    end();
  },
  create: async () => {
    const onProgress = ({ stage }) => stage === 'start' && setTimeout(end, 1);
    await create({}, { onProgress }).catch(() => undefined);
    await delay(100);
  },
  warmup: async () => {
    await create({}, { warmup: () => end() });
  },
  snapshot: async () => {
    const sandbox = await create();
    void sandbox.snapshot();
    end();
  },
  close: async () => {
    const sandbox = await create();
    void sandbox.close();
    end();
  },
  load: async () => {
    // In the folder that the process was started in.
    const path = 'state.hlsnap';
    const sandbox = await create();
    await (await sandbox.snapshot()).save(path);
    void Snapshot.load(path);
    end();
  },
}[where];

await at();
await delay(30_000);
