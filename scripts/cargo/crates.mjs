// Owns which crate is built for which side, and the options that all uses of one side share, so that cargo reuses its work.
import { inCI } from '../environment.mjs';

/** A lock file that would have to change is an error in CI, and written back elsewhere. */
const locked = inCI ? ['--locked'] : [];

const packages = (names) => names.flatMap((name) => ['--package', name]);

export const guest = {
  options: [
    ...locked,
    '--release',
    '--target=x86_64-unknown-none',
    '--target-dir=target/guest',
    ...packages(['hl-runtime', 'hl-echo', 'hl-hostile']),
  ],
};

export const native = {
  options: [...locked, '--release', ...packages(['hl-binding', 'hl-compile'])],
};

export const wit = {
  options: [...locked, '--release', '--target=wasm32-unknown-unknown', ...packages(['hl-wit'])],
};

/**
 * In the release profile, like the builds: wasmtime and Cranelift are not compiled a second time for the tests.
 * `watch` looks at the privilege level at each exit; `sabotage` breaks the write set, and one test must notice.
 */
export const tested = [
  {
    options: [
      ...locked,
      '--release',
      '--features=hl-vmm/watch',
      ...packages(['hl-abi', 'hl-compile', 'hl-engine', 'hl-runtime', 'hl-vmm', 'hl-wit']),
    ],
    filter: [],
  },
  {
    options: [...locked, '--release', '--features=sabotage', '--test=walls', ...packages(['hl-vmm'])],
    filter: ['a_page_that_is_not_tracked_is_noticed'],
  },
];
