// Owns the difference between the build, when the top level of the guest's modules runs, and a call.

/** The end of the bundle leaves the table of positions behind, so until then the top level is running. */
export function isBuilding(): boolean {
  return globalThis.__hlPositions === undefined;
}

/** `what` needs a host, and none is there yet. */
export function refuseWhileBuilding(what: string, reason: string): void {
  if (!isBuilding()) return;
  throw new Error(`${what} cannot be called at the top level, which runs once, at the build: ${reason}`);
}

/** Chance that is drawn once would be no secret: every instance of the component has it. */
export const SHARED_CHANCE = 'every instance would have the same numbers, so call it in a function';
