// Empties the folder that is built into: before both builds begin, so that neither removes what the other has written.
import { rmSync } from 'node:fs';

rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
