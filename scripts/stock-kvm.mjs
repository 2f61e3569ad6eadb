// `npm run test:stock-kvm`: runs vmm's tests, walls included, on a stock KVM that QEMU emulates.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { environment, root } from './environment.mjs';
import { mustRun, run } from './run.mjs';
import { setup } from './setup.mjs';
import { cargoCounter } from './test/count.mjs';

const TARGET = 'x86_64-unknown-linux-gnu';
const options = ['--package=hl-vmm', '--release', `--target=${TARGET}`, '--target-dir=target/static'];
// The emulated machine has no libraries, so the programs are static.
const env = { CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS: '-C target-feature=+crt-static' };

setup();
await mustRun('node', ['scripts/cargo/guest.mjs']);
await mustRun('cargo', ['test', '--no-run', ...options], { env });

let failures = 0;
const counter = cargoCounter();
for (const program of testPrograms()) {
  console.log(`\n=== ${program}`);
  const code = await run(join(root, 'scripts/stock-kvm.sh'), [program, '--test-threads=1'], {
    onLine: counter.onLine,
  });
  failures += code === 0 ? 0 : 1;
}
const { passed, failed, skipped } = counter.count(failures);
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failures === 0 ? 0 : 1;

/** cargo names the programs it has just built, one JSON object a line. */
function testPrograms() {
  const { stdout } = spawnSync(
    'cargo',
    ['test', '--no-run', '--quiet', '--message-format=json', ...options],
    {
      cwd: root,
      env: { ...environment, ...env },
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    },
  );
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter(({ reason, profile }) => reason === 'compiler-artifact' && profile.test)
    .map(({ executable }) => executable)
    .filter(Boolean);
}
