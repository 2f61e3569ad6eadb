// Builds the WIT parser as a plain wasm module and lays it where @hl/bindgen inlines it from.
import { join } from 'node:path';
import { root } from '../environment.mjs';
import { mustRun } from '../run.mjs';
import { copyIfChanged } from './copy.mjs';
import { wit } from './crates.mjs';

await mustRun('cargo', ['build', ...wit]);
copyIfChanged(
  join(root, 'target/wasm32-unknown-unknown/release/hl_wit.wasm'),
  join(root, 'packages/bindgen/dist/hl_wit.wasm'),
);
