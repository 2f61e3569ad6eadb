// Owns reading WIT in the tests of packages that do not depend on the one that reads it.
import { describe } from '@hl/bindgen';

/** The descriptor of the one world in a WIT folder or file. */
export async function descriptorOf(wit: string): Promise<unknown> {
  const { descriptor } = await describe({ wit });
  return descriptor;
}
