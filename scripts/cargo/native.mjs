// Builds the add-on and the compiler, and lays both into the platform package, where @hl/host finds them.
import { join } from 'node:path';
import { root } from '../environment.mjs';
import { mustRun } from '../run.mjs';
import { copyIfChanged } from './copy.mjs';
import { native } from './crates.mjs';

const platformPackage = join(root, 'packages/host/npm/linux-x64-gnu');
const built = join(root, 'target/release');

await mustRun('cargo', ['build', ...native]);
copyIfChanged(join(built, 'libhl_binding.so'), join(platformPackage, 'hl-host.linux-x64-gnu.node'));
copyIfChanged(join(built, 'hl-compile'), join(platformPackage, 'hl-compile'));
