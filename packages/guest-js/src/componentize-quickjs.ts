// Owns the step from a bundle to a component with QuickJS inside, by componentize-qjs.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { componentize } from 'componentize-qjs';
import { BUNDLE_NAME } from './bundle.js';
import type { Request } from './componentizer.js';
import { evaluationError } from './evaluation-error.js';
import { DISPOSE, exportsResources, QUICKJS_WORLD, quickjsWit } from './quickjs-world.js';
import { hideExport } from './wasm/hide-export.js';
import { mendResources } from './wasm/quickjs-resources.js';
import { passWideIntegersAsText } from './wasm/quickjs-wide-integers.js';

/** What componentize-qjs leaves among the exports: the call that it initialises the engine with. */
const LEFTOVER_EXPORT = 'init';

export async function componentizeQuickjs({ world, bundle, folder }: Request): Promise<Uint8Array> {
  const witPath = join(folder, 'world.wit');
  const jsPath = join(folder, BUNDLE_NAME);
  await Promise.all([writeFile(witPath, quickjsWit(world)), writeFile(jsPath, bundle.code)]);
  const { component } = await componentize({
    jsSource: bundle.code,
    jsPath,
    moduleRoot: folder,
    witPath,
    world: QUICKJS_WORLD,
    // The engine's variant without the async ABI, which hosts of WASI 0.2 do not have.
    sync: true,
  }).catch((error: Error) => {
    throw evaluationError(error, bundle.positions);
  });
  const mended = mendResources(passWideIntegersAsText(component), DISPOSE);
  const left = exportsResources(world.descriptor) ? [LEFTOVER_EXPORT, DISPOSE] : [LEFTOVER_EXPORT];
  return left.reduce(hideExport, mended);
}
