// Owns where the code lies that is bundled into each guest.
import { fileURLToPath } from 'node:url';

/** Holds from the sources and from the built files alike. */
export const guestFolder: string = fileURLToPath(new URL('./guest/', import.meta.url));

/** The import specifier of one module of that folder, quoted. */
export function guestModule(name: string): string {
  return JSON.stringify(guestFolder + name);
}
