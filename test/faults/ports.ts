// Owns the rows of I/O ports: all are closed but one, and that one takes a byte that means something.
import type { Ground } from './ground.js';
import { answer, breach, oneOf, RAN, type Row } from './rows.js';

const DOORBELL = 0x10n;
const PORTS = 0x1_0000n;
const ONLY_GENERAL_PROTECTION = 1n << 13n;

const ACCESSES = ['out8', 'out16', 'out32', 'in8', 'in16', 'in32'] as const;
type Access = (typeof ACCESSES)[number];

const way = (access: Access): bigint => BigInt(ACCESSES.indexOf(access));
const widthOf = (access: Access): bigint => BigInt(access.replace(/\D+/, '')) / 8n;

/**
 * Each access costs a fault of a tenth of a millisecond. The first goes over every port, which is every bit of the
 * bitmap; the others see each bit again, with HL_FAULTS_FULL every port.
 */
function stretches(access: Access): [from: bigint, to: bigint][] {
  const width = widthOf(access);
  // A wide access that begins below the doorbell covers a closed port as well, and so does one at it.
  const own: [bigint, bigint] = width === 1n ? [DOORBELL, DOORBELL + 1n] : [DOORBELL, DOORBELL];
  if (access === 'out8' || process.env['HL_FAULTS_FULL'] !== undefined) {
    return [
      [0n, own[0]],
      [own[1], PORTS],
    ];
  }
  // What a PC has, and both ends.
  return [
    [0n, own[0]],
    [own[1], 0x500n],
    [0xcf8n, 0xd00n],
    [PORTS - 0x100n, PORTS],
  ];
}

async function sweep(ground: Ground, access: Access): Promise<unknown> {
  let passed = 0n;
  let exceptions = 0n;
  for (const [from, to] of stretches(access)) {
    const found = await ground.attack('Ports', [from, to, way(access)]);
    passed += found.value;
    exceptions |= found.errorCode;
  }
  return { passed, onlyGeneralProtection: exceptions === ONLY_GENERAL_PROTECTION };
}

const doorbell =
  (access: Access): Row['attempt'] =>
  async (ground) => {
    const found = await ground.attack('Ports', [DOORBELL, DOORBELL + 1n, way(access)]);
    return found.value === 1n ? RAN : found;
  };

/** Rings the doorbell with this byte. */
const operation =
  (byte: bigint): Row['attempt'] =>
  async (ground) =>
    ground.attack('Operation', [byte]);

export const ports: Row[] = [
  ...ACCESSES.map((access) => ({
    name: `${access} of every port but the doorbell`,
    attempt: (ground: Ground) => sweep(ground, access),
    expected: answer({ passed: 0n, onlyGeneralProtection: true }),
  })),
  { name: 'reading the doorbell', attempt: doorbell('in8'), expected: breach('read port 0x10') },
  ...[0n, 3n, 4n, 0x7fn, 0x80n, 0xffn].map((byte) => ({
    name: `operation ${byte}, which is none`,
    attempt: operation(byte),
    expected: breach(`asked for unknown operation ${byte}`),
  })),
  {
    name: "the stub's own operation",
    attempt: operation(2n),
    expected: breach('reported an exception that it did not have'),
  },
  {
    // Some hypervisors split it into single bytes: rings in vain.
    name: '64 bytes to the doorbell by outsb',
    attempt: (ground) => ground.attack('StringOut', [64n]),
    expected: oneOf(breach('wrote 64 bytes to port 0x10'), breach('rang without an answer')),
  },
  {
    name: 'ringing for ever without a message',
    attempt: (ground) => ground.attack('Forever', [2n]),
    expected: breach('rang without an answer'),
  },
];
