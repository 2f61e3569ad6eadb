// `npm run test:stock-kvm`: runs vmm's tests on a stock KVM, emulated in software: builds them as static programs, see stock-kvm.sh.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { environment, root } from './environment.mjs';
import { mustRun } from './run.mjs';
import { setup } from './setup.mjs';

const target = 'x86_64-unknown-linux-gnu';
const staticLink = { CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS: '-C target-feature=+crt-static' };

setup();
await mustRun('node', [join(root, 'scripts/cargo/guest.mjs')]);
for (const program of buildTests()) {
  await mustRun('sh', [join(root, 'scripts/stock-kvm.sh'), program, '--test-threads=2'], {
    env: { CI: '1' },
  });
}

/** Builds the test programs that need KVM; answers their paths. */
function buildTests() {
  const options = ['test', '--release', '--package=hl-vmm', '--features=watch', '--test=*', '--no-run'];
  const where = [
    `--target=${target}`,
    '--target-dir=target/stock-kvm',
    '--message-format=json-render-diagnostics',
  ];
  const cargo = spawnSync('cargo', [...options, ...where], {
    cwd: root,
    env: { ...environment, ...staticLink },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (cargo.status !== 0) process.exit(cargo.status ?? 1);
  const messages = cargo.stdout.split('\n').filter(Boolean).map(JSON.parse);
  return messages.flatMap((message) => (message.executable ? [message.executable] : []));
}
