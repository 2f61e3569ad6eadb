// Owns reading the world that a guest implements.
import { BindgenError, describe } from '@hl/bindgen';
import type { WorldDescriptor } from './descriptor.js';
import { GuestBuildError } from './errors.js';

export interface World {
  descriptor: WorldDescriptor;
  /** The world's packages as one WIT file. */
  wit: string;
}

export async function readWorld(wit: string, world: string | undefined): Promise<World> {
  try {
    return await describe({ wit, world });
  } catch (error) {
    if (error instanceof BindgenError) throw new GuestBuildError('wit', error.message, { cause: error });
    throw error;
  }
}
