// Owns the step from a bundle to a component with StarlingMonkey inside, by componentize-js.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUNDLE_NAME } from './bundle.js';
import type { Request } from './componentizer.js';
import { GuestBuildError } from './errors.js';
import { evaluationError } from './evaluation-error.js';
import { lastPart } from './names.js';

/** Tried together; the second is a dependency that the first one does not declare. */
export const STARLINGMONKEY_INSTALL =
  'npm i -D @bytecodealliance/componentize-js@0.23.0 @bytecodealliance/preview2-shim@0.25.0';

/** By a name that the compiler does not follow: its types need those of a browser. */
const UNDECLARED_DEPENDENCY: string = '@bytecodealliance/preview2-shim';

type Componentize = typeof import('@bytecodealliance/componentize-js').componentize;

export async function componentizeStarlingmonkey({ world, bundle, folder }: Request): Promise<Uint8Array> {
  const componentize = await load();
  const sourcePath = join(folder, BUNDLE_NAME);
  const witPath = join(folder, 'world.wit');
  await Promise.all([writeFile(sourcePath, bundle.code), writeFile(witPath, world.wit)]);
  const { component } = await componentize({
    sourcePath,
    witPath,
    worldName: lastPart(world.descriptor.name),
    // http drags in interfaces that nobody grants; clocks, random and stdio are what guests expect.
    disableFeatures: ['http', 'fetch-event'],
    // Whatever stands here is baked into the component.
    env: {},
    wizerBin: await wizerLauncher(folder),
  }).catch((error: Error) => {
    throw evaluationError(error, bundle.positions);
  });
  return component;
}

async function load(): Promise<Componentize> {
  try {
    await import(UNDECLARED_DEPENDENCY);
    const { componentize } = await import('@bytecodealliance/componentize-js');
    return componentize;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new GuestBuildError(
      'componentize',
      `the engine starlingmonkey is not installed (385 MB); install it with: ${STARLINGMONKEY_INSTALL}`,
      { cause },
    );
  }
}

/** Our stand-in for wizer has to be one executable file, and runs without a PATH. It is told who waits for it. */
async function wizerLauncher(folder: string): Promise<string> {
  const script = fileURLToPath(new URL('./wizer.js', import.meta.url));
  const launcher = join(folder, 'wizer');
  await writeFile(
    launcher,
    `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(script)} ${process.ppid} "$@"\n`,
  );
  await chmod(launcher, 0o700);
  return launcher;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
