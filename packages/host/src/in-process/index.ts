// Owns the entry '@hl/host/in-process': the same names as the package's own, with jco in the add-on's place.
import { substituteNative } from '../binding.js';
import { refuseLimit } from '../sandbox/limits.js';
import { InProcessMachine } from './machine.js';
import { loadTranspiled } from './transpile.js';

let isAnnounced = false;

function announce(): void {
  if (isAnnounced) return;
  isAnnounced = true;
  process.stderr.write(
    'hyperlight: @hl/host/in-process runs components in this process, without isolation: for development only\n',
  );
}

substituteNative({
  binding: new InProcessMachine(announce),
  compilerPath: '',
  loadArtifact: loadTranspiled,
});
refuseLimit('memoryBytes', 'jco lets a guest have as much memory as it asks for');
refuseLimit('cpuTimeoutMs', "a worker's CPU time cannot be told; timeoutMs can be kept");

export * from '../index.js';
