// Owns the names of what can be fuzzed: crate `hl-fuzz` has those of the Rust side, `packages/host/test/fuzz` the others.

export const rustTargets = ['mailbox', 'snapshot', 'component', 'hostile', 'smith'];
export const hostTargets = ['reply', 'descriptor', 'answer'];
/** Those of them that run VMs, with the hostile guest in the runtime's place. */
export const vmTargets = ['answer'];
export const targets = [...rustTargets, ...hostTargets];

/** Input lengths at which libFuzzer stops, as in `hl_fuzz::TARGETS`. */
export const inputBytesMax = { mailbox: 512, snapshot: 512, component: 2048, hostile: 512, smith: 8192 };
