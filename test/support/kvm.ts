// Owns the one question "can this machine run a micro-VM?" for all tests, and what follows when it cannot.
import { closeSync, constants, openSync } from 'node:fs';
import { describe, test } from 'vitest';

export type Kvm = { usable: true } | { usable: false; reason: string };

export const kvm: Kvm = probe();

/** A test that needs KVM is never silently left out where it counts. */
const inCI = Boolean(process.env.CI) && process.env.CI !== 'false';

/** Like `describe`, for tests that start a VM: skipped with the reason where there is no KVM, failing there under CI. */
export function describeWithKvm(name: string, body: () => void): void {
  if (kvm.usable) {
    describe(name, body);
  } else if (inCI) {
    const { reason } = kvm;
    test(name, () => {
      throw new Error(`needs KVM, and CI must have it: ${reason}`);
    });
  } else {
    describe.skip(`${name} (skipped: ${kvm.reason})`, body);
  }
}

function probe(): Kvm {
  if (process.platform !== 'linux') return { usable: false, reason: `no KVM on ${process.platform}` };
  try {
    closeSync(openSync('/dev/kvm', constants.O_RDWR));
    return { usable: true };
  } catch (error) {
    return { usable: false, reason: (error as Error).message };
  }
}
