// Owns which crate is built for which side, and the options that all uses of one side share, so that cargo reuses its work.
import { inCI } from '../environment.mjs';

/** A lock file that would have to change is an error in CI, and written back elsewhere. */
const release = ['--release', ...(inCI ? ['--locked'] : [])];
const none = ['--target=x86_64-unknown-none', '--target-dir=target/guest'];

const packages = (...names) => names.flatMap((name) => ['--package', name]);

/** The programs in the VM. */
export const guest = [...release, ...none, ...packages('hl-runtime', 'hl-echo', 'hl-hostile')];

/** The add-on and the compiler beside it; for tests, the add-on with the hostile guest in it. */
export const native = [...release, ...packages('hl-binding', 'hl-compile', 'hl-hostile-addon')];

/** The WIT parser as a module for every platform. */
export const wit = [...release, '--target=wasm32-unknown-unknown', ...packages('hl-wit')];

/**
 * In the release profile, like the builds: wasmtime and Cranelift are not compiled a second time for the tests.
 * `watch` looks at the privilege level at each exit; `sabotage` breaks the write set, and one test must notice.
 */
export const tested = [
  {
    options: [
      ...release,
      '--features=hl-vmm/watch',
      ...packages(
        'hl-abi',
        'hl-binding',
        'hl-compile',
        'hl-engine',
        'hl-fuzz',
        'hl-runtime',
        'hl-vmm',
        'hl-wit',
      ),
    ],
    filter: [],
  },
  {
    options: [...release, '--features=sabotage', '--test=walls', ...packages('hl-vmm')],
    filter: ['a_page_that_is_not_tracked_is_noticed'],
  },
];

/** What clippy looks at: every crate of the workspace, each as it is built. */
export const linted = [
  [...guest, ...packages('hl-guest')],
  [...native, ...packages('hl-floors')],
  [...tested[0].options, '--features=hl-fuzz/mutate', '--all-targets'],
  [...release, '--target=wasm32-wasip2', ...packages('hl-bench-guest')],
];
