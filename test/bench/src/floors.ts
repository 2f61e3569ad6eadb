// Owns asking the machine itself: a VM exit, a turn through shared memory, a new VM with no guest to speak of, a copy.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cargoBuild } from './cargo.js';
import { type Distribution, distributionOf } from './distribution.js';
import { inRoot } from './paths.js';

const FLOORS = ['exit', 'pingPong', 'create', 'memcpy'] as const;
type Floor = (typeof FLOORS)[number];

export type Floors = Readonly<Record<Floor, Distribution>>;

/** Samples of each floor in a whole run. */
const SAMPLES: Readonly<Record<Floor, number>> = { exit: 10_000, pingPong: 500, create: 100, memcpy: 2_000 };

export class FloorProgram {
  readonly #samples: Record<Floor, number[]> = { exit: [], pingPong: [], create: [], memcpy: [] };

  /** Builds it first. */
  static async prepare(): Promise<FloorProgram> {
    await cargoBuild('--package', 'hl-floors');
    return new FloorProgram();
  }

  /** Takes this share of all samples, in a process of its own. */
  async measure(share: number): Promise<void> {
    const counts = FLOORS.map((floor) => String(Math.ceil(SAMPLES[floor] * share)));
    const { stdout } = await promisify(execFile)(inRoot('target/release/hl-floors'), counts, {
      maxBuffer: 64 << 20,
    });
    const taken = JSON.parse(stdout) as Record<Floor, number[]>;
    for (const floor of FLOORS) this.#samples[floor].push(...taken[floor]);
  }

  floors(): Floors {
    const { exit, pingPong, create, memcpy } = this.#samples;
    return {
      exit: distributionOf(exit),
      pingPong: distributionOf(pingPong),
      create: distributionOf(create),
      memcpy: distributionOf(memcpy),
    };
  }
}
