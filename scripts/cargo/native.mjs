// Builds the add-on and the compiler, and lays both into the platform package, where @hl/host finds them; also the
// add-on that attacks its host, for test/faults.
import { join } from 'node:path';
import { root } from '../environment.mjs';
import { mustRun } from '../run.mjs';
import { copyIfChanged } from './copy.mjs';
import { native } from './crates.mjs';

const platformPackage = join(root, 'packages/host/npm/linux-x64-gnu');
const built = join(root, 'target/release');
const hostileAddon = join(root, 'test/guests/addon/dist/hl-hostile.linux-x64-gnu.node');

await mustRun('cargo', ['build', ...native]);
copyIfChanged(join(built, 'libhl_binding.so'), join(platformPackage, 'hl-host.linux-x64-gnu.node'));
copyIfChanged(join(built, 'hl-compile'), join(platformPackage, 'hl-compile'));
copyIfChanged(join(built, 'libhl_hostile_addon.so'), hostileAddon);
