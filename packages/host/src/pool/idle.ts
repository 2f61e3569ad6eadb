// Owns the VMs that nobody uses, and which of them is lent next.
import type { Member } from './member.js';

export class IdleMembers {
  /** In the order in which they were given back. */
  readonly #members: Member[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: Member): void {
    member.giveBack();
    this.#members.push(member);
  }

  /**
   * Of those that have had the time to be put back, the one that was used last: its guest may still be watching for
   * a call, and its memory is in the caches. If all have only just been used, the one that was used longest ago.
   */
  take(): Member | undefined {
    const members = this.#members;
    const last = members.length - 1;
    if (last < 0) return undefined;
    let chosen = 0;
    if (last > 0) {
      const now = performance.now();
      for (let index = last; index > 0; index--) {
        const member = members[index]!;
        if (now - member.idleSinceMs < member.restMs) continue;
        chosen = index;
        break;
      }
    }
    return this.#takeAt(chosen);
  }

  /** The one that was used longest ago, which stays. */
  oldest(): Member | undefined {
    return this.#members[0];
  }

  remove(member: Member): void {
    const index = this.#members.indexOf(member);
    if (index >= 0) this.#takeAt(index);
  }

  #takeAt(index: number): Member {
    const members = this.#members;
    const member = members[index]!;
    // By hand: splice() makes an array for what it takes out.
    for (let at = index + 1; at < members.length; at++) members[at - 1] = members[at]!;
    members.pop();
    member.isLent = true;
    return member;
  }
}
