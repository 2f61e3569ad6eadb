// What a program finds of the system that was granted nothing: errors that it expects, no traps, and nobody asked.
import { expect, test } from 'vitest';
import { eachRuntime } from '../support/runtimes.js';
import { sandboxOf } from './support.js';

const FOUND = `arguments: 0
environment: 0
variable: None
stdin: 0
stdout flush: ()
stderr: ()
thread: error Unsupported
current directory: "/"
open: error NotFound
open relative: error NotFound
create: error NotFound
append: error NotFound
create directory: error NotFound
list: error NotFound
metadata: error NotFound
remove: error NotFound
rename: error NotFound
link: error NotFound
canonical: ()
connect: error PermissionDenied
connect v6: error PermissionDenied
listen: error PermissionDenied
datagrams: error PermissionDenied
look up: error PermissionDenied
slept: true
wall clock moved: true
this century: true
map: 999
set: 2
done
`;

eachRuntime('a program that was granted nothing', ({ api }) => {
  test('runs, and finds nothing of the host', async () => {
    let out = '';
    let errors = '';
    const sandbox = await sandboxOf(api, 'program', {
      stdout: (text: string) => {
        out += text;
      },
      stderr: (text: string) => {
        errors += text;
      },
    });
    await sandbox.exports['wasi:cli/run'].run();
    expect(out).toBe(FOUND);
    expect(errors).toBe('to stderr\n');
    expect(sandbox.stats.hostCalls).toBe(0);
  });
});
