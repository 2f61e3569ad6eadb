// Builds the programs that run inside the VM; the add-on and vmm's tests embed them from target/guest.
import { mustRun } from '../run.mjs';
import { guest } from './crates.mjs';

await mustRun('cargo', ['build', ...guest]);
