// Runs the engines' tools on behalf of componentizer.ts, which may end this process at any time.
import { componentizeQuickjs } from './componentize-quickjs.js';
import { componentizeStarlingmonkey } from './componentize-starlingmonkey.js';
import type { Answer, Request } from './componentizer.js';
import { GuestBuildError } from './errors.js';

const tools = { quickjs: componentizeQuickjs, starlingmonkey: componentizeStarlingmonkey };

process.on('message', (request: Request) => {
  // The tools leave their files behind when they are ended; here they go with the folder.
  process.env.TMPDIR = request.folder;
  tools[request.engine](request)
    .then((component): Answer => ({ component }), failed)
    .then((answer) => process.send?.(answer));
});

// Without the builder nobody is left to end what does not end by itself.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

function failed(error: Error): Answer {
  const { message, stack = message } = error;
  return { ...(error instanceof GuestBuildError && { stage: error.stage }), message, stack };
}
