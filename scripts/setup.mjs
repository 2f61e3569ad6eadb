// Brings a fresh clone to the point where everything builds. Needs Node and nothing else.
import { pathToFileURL } from 'node:url';
import { installDependencies } from './setup/dependencies.mjs';
import { preparePnpm } from './setup/pnpm.mjs';
import { isReady, markReady } from './setup/stamp.mjs';
import { missingTools } from './setup/tools.mjs';

/** Sets up what changed since the last time; ends the process with one sentence for each thing that is missing. */
export function setup() {
  if (isReady()) return;
  const missing = missingTools();
  if (missing.length > 0) fail(missing);
  try {
    preparePnpm();
    installDependencies();
  } catch (error) {
    fail([error.message]);
  }
  markReady();
}

function fail(sentences) {
  for (const sentence of sentences) console.error(`setup: ${sentence}`);
  process.exit(1);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) setup();
