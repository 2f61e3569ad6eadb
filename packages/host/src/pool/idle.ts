// Owns the VMs that nobody uses, and which of them is lent next.
import type { Member } from './member.js';

/** In the order in which they were given back, linked: whichever is lent leaves without a trace. */
export class IdleMembers {
  size = 0;
  #oldest: Member | undefined;
  #newest: Member | undefined;

  /** It has just been given back. */
  add(member: Member): void {
    const before = this.#newest;
    member.older = before;
    if (before === undefined) this.#oldest = member;
    else before.newer = member;
    this.#newest = member;
    this.size++;
  }

  /**
   * Of those that have had the time to be put back, the one that was used last: its guest may still be watching for
   * a call, and its memory is in the caches. If all have only just been used, the one that was used longest ago.
   */
  take(): Member | undefined {
    let member = this.#newest;
    if (member === undefined) return undefined;
    const now = performance.now();
    while (now - member.idleSinceMs < member.restMs && member.older !== undefined) member = member.older;
    this.#unlink(member);
    member.isLent = true;
    member.lentMs = now;
    return member;
  }

  /** The one that was used longest ago, which stays. */
  oldest(): Member | undefined {
    return this.#oldest;
  }

  remove(member: Member): void {
    if (member.isLent) return;
    this.#unlink(member);
    member.isLent = true;
  }

  #unlink(member: Member): void {
    const { older, newer } = member;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    member.older = undefined;
    member.newer = undefined;
    this.size--;
  }
}
