// `npm run test:stock-kvm`: runs vmm's tests on a stock KVM, emulated in software, and then the fault table and other
// tests through Node: see stock-kvm/boot.sh.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { environment, root } from './environment.mjs';
import { mustRun } from './run.mjs';
import { setup } from './setup.mjs';
import { turboOptions } from './turbo.mjs';

const target = 'x86_64-unknown-linux-gnu';
const staticLink = { CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS: '-C target-feature=+crt-static' };

const boot = join(root, 'scripts/stock-kvm/boot.sh');
const only = process.argv[2];
if (only === '--help' || only === '-h') {
  console.log(
    'usage: npm run test:stock-kvm -- [vmm | node]\n\nvmm: its own tests; node: the fault table and others; or both',
  );
  process.exit(0);
}
if (only !== undefined && only !== 'vmm' && only !== 'node') {
  console.error(`no such part: ${only}; there are: vmm, node`);
  process.exit(2);
}

setup();
if (only !== 'node') {
  await mustRun('node', [join(root, 'scripts/cargo/guest.mjs')]);
  for (const program of buildTests()) {
    await mustRun('sh', [boot, program, '--test-threads=2'], { env: { CI: '1' } });
  }
}
if (only !== 'vmm') {
  await mustRun('turbo', turboOptions(['build']));
  const { layOut } = await import('./stock-kvm/node-root.mjs');
  const files = join(root, 'target/stock-kvm/root');
  const args = await layOut(files);
  await mustRun('sh', [boot, process.execPath, ...args], {
    env: { CI: '1', HL_STOCK_KVM_FILES: files, HL_STOCK_KVM_SECONDS: '3600' },
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
