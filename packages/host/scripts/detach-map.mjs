// Takes the reference to its source map out of the built library: the map stays here, for the profile, and is not published.
import { readFileSync, writeFileSync } from 'node:fs';

const built = new URL('../dist/index.js', import.meta.url);
writeFileSync(built, readFileSync(built, 'utf8').replace(/\n\/\/# sourceMappingURL=\S+\s*$/, '\n'));
