// `npm run doctor`: says in plain words what this machine lacks, for building and for running micro-VMs.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './environment.mjs';
import { run } from './run.mjs';
import { missingTools } from './setup/tools.mjs';

const shell = join(root, 'packages/host/dist/cli.js');

const missing = missingTools();
for (const sentence of missing) console.log(`missing: ${sentence}`);
if (missing.length === 0) console.log('ok: everything that a build needs is here');

let code = missing.length === 0 ? 0 : 1;
if (existsSync(shell)) {
  code ||= await run('node', [shell, 'doctor']);
} else {
  console.log('not built yet; run: npm run build');
  code = 1;
}
process.exitCode = code;
