// Owns the rows of single instructions: each as the guest's own table names it, and what must come of it.
import { Buffer } from 'node:buffer';
import {
  breach,
  DB,
  type Expected,
  exception,
  fateOf,
  GP,
  gp,
  oneOf,
  pf,
  RAN,
  type Row,
  UD,
} from './rows.js';

const SYSTEM = 0x10_0000n;

/** The CPU does not know it, or knows it and forbids it: which one is the CPU's own affair. */
const FORBIDDEN = oneOf(GP, UD);

/**
 * Software interrupts: no gate of the table is open to ring 3, and the error code names the gate (which CPUs in
 * software count by sixteen). PVM answers before the table is looked at.
 */
const interrupt = (vector: number): Expected => ({
  pvm: UD,
  stock: oneOf(gp(vector * 8 + 2), gp(vector * 16 + 2)),
});

/** With EFER.SCE clear it is unknown. PVM jumps to LSTAR, which is 0, where nothing is, and stays in ring 3. */
const SYSCALL: Expected = { pvm: pf(0x14, 0n), stock: UD };

/** `int3` is the host CPU's own exception for PVM; else its gate is closed like the others. */
const INT3: Expected = { pvm: exception('#BP'), stock: oneOf(gp(3 * 8 + 2), gp(3 * 16 + 2)) };

/** A debug exception, whose gate does not matter; CPUs in software do not know the instruction. */
const ICEBP: Expected = { pvm: DB, stock: oneOf(DB, UD) };

/** The VM's own CR4 does not offer it; under PVM the host's does, and the address must be one. */
const FSGSBASE: Expected = { pvm: GP, stock: UD };

export const EXPECTED: Readonly<Record<string, Expected>> = {
  syscall: SYSCALL,
  'syscall that asks for nothing else': SYSCALL,
  sysenter: { pvm: UD, stock: FORBIDDEN },
  'sysenter with a stack': { pvm: UD, stock: FORBIDDEN },
  sysexit: FORBIDDEN,
  sysretl: FORBIDDEN,
  sysretq: FORBIDDEN,
  'int 0': interrupt(0),
  'int 1': interrupt(1),
  icebp: ICEBP,
  'int 2': interrupt(2),
  int3: INT3,
  'int 8': interrupt(8),
  'int 13': interrupt(13),
  'int 14': interrupt(14),
  'int 18': interrupt(18),
  'int 32': interrupt(32),
  'int 0x80': interrupt(0x80),
  'int 255': interrupt(255),
  into: UD,
  hlt: GP,
  cli: GP,
  sti: GP,
  'popf with IOPL 3, then cli': GP,
  'popf with IOPL 3, then out': GP,
  'popf with NT, then iretq': GP,
  'popf with TF': DB,
  'popf with TF, then syscall': { pvm: pf(0x14, 0n), stock: oneOf(UD, DB) },
  'popf with TF, then a closed port': GP,
  // The VM's own CR0 has no alignment check; under PVM the host's has.
  'popf with AC, then an unaligned read': { pvm: exception('#AC'), stock: RAN },
  'mov ss, then int3': INT3,
  'mov ss, then icebp': ICEBP,
  'mov ss, then syscall': SYSCALL,
  'mov ss under TF': DB,
  clts: GP,
  lmsw: GP,
  smsw: RAN,
  invd: GP,
  wbinvd: GP,
  rsm: UD,
  'mov from cr0': GP,
  'mov from cr2': GP,
  'mov from cr3': GP,
  'mov from cr4': GP,
  'mov from cr8': GP,
  'mov to cr0': GP,
  'mov to cr2': GP,
  'mov to cr3': GP,
  'mov to cr4': GP,
  'mov to cr8': GP,
  'mov from dr0': GP,
  'mov from dr6': GP,
  'mov from dr7': GP,
  'mov to dr0': GP,
  'mov to dr7': GP,
  lgdt: GP,
  lidt: GP,
  lldt: GP,
  ltr: GP,
  sgdt: RAN,
  sidt: RAN,
  sldt: RAN,
  str: RAN,
  'lar of a ring-0 selector': RAN,
  'verw of a ring-0 selector': RAN,
  invlpg: GP,
  invpcid: FORBIDDEN,
  rdmsr: GP,
  wrmsr: GP,
  rdpmc: GP,
  rdtsc: RAN,
  rdtscp: RAN,
  cpuid: RAN,
  xgetbv: RAN,
  xsetbv: GP,
  xsaves: FORBIDDEN,
  xrstors: FORBIDDEN,
  swapgs: GP,
  'wrfsbase of a non-canonical address': FSGSBASE,
  'wrgsbase of a non-canonical address': FSGSBASE,
  'wrfsbase of a system page, then a read': { pvm: pf(5, SYSTEM), stock: UD },
  rdpid: oneOf(RAN, UD),
  'clflush of a system page (CPUs in software leave it out)': {
    pvm: pf(5, SYSTEM),
    stock: oneOf(pf(5, SYSTEM), RAN),
  },
  'clflush of an unmapped page (CPUs in software leave it out)': {
    pvm: pf(4, 0x1000n),
    stock: oneOf(pf(4, 0x1000n), RAN),
  },
  'prefetch of a system page': RAN,
  monitor: FORBIDDEN,
  mwait: FORBIDDEN,
  tpause: oneOf(RAN, UD),
  // The CPU's own of the two is the host's to answer, which refuses by -1; it may not patch the other one.
  vmcall: oneOf(RAN, GP),
  vmmcall: oneOf(RAN, GP),
  vmlaunch: FORBIDDEN,
  vmresume: FORBIDDEN,
  vmxoff: FORBIDDEN,
  vmxon: FORBIDDEN,
  vmptrld: FORBIDDEN,
  vmclear: FORBIDDEN,
  vmread: FORBIDDEN,
  vmwrite: FORBIDDEN,
  vmfunc: FORBIDDEN,
  vmrun: FORBIDDEN,
  vmload: FORBIDDEN,
  vmsave: FORBIDDEN,
  stgi: FORBIDDEN,
  clgi: FORBIDDEN,
  skinit: FORBIDDEN,
  invlpga: FORBIDDEN,
  encls: FORBIDDEN,
  getsec: FORBIDDEN,
  stac: UD,
  clac: UD,
  'wrpkru of nothing': oneOf(RAN, UD),
  rdpkru: oneOf(RAN, UD),
  ud2: UD,
  ud0: UD,
  ud1: UD,
  'cmpxchg8b of a register under lock': UD,
  'a lock where there can be none (CPUs in software take it)': { pvm: UD, stock: oneOf(UD, RAN) },
  'push cs': UD,
  'a direct far jump': UD,
  'a direct far call': UD,
  'an instruction with too many prefixes': GP,
  'division by zero': exception('#DE'),
  'an unmasked x87 exception': exception('#MF'),
  // CPUs in software do not raise it.
  'an unmasked vector exception (CPUs in software do not raise it)': {
    pvm: exception('#XM'),
    stock: oneOf(exception('#XM'), RAN),
  },
  // PVM does not know it when it faults.
  'ldmxcsr of reserved bits (CPUs in software take it)': { pvm: UD, stock: oneOf(GP, RAN) },
  'an unaligned movaps (CPUs in software take it)': { pvm: GP, stock: oneOf(GP, RAN) },
  'an unaligned cmpxchg16b (CPUs in software take it)': { pvm: GP, stock: oneOf(GP, RAN) },
  // Its header comes first, or its beginning.
  'an xrstor of a system page': { pvm: pf(5, SYSTEM), stock: oneOf(pf(5, SYSTEM), pf(5, SYSTEM + 512n)) },
  'an xsave into a system page': pf(7, SYSTEM),
  'a non-canonical read': GP,
  'a non-canonical return': GP,
  'a return into the upper half': pf(0x14, 0xffff_ffff_8100_0000n),
  'a return to address 0': pf(0x14, 0n),
  'a far jump through a system page': pf(5, SYSTEM),
  'a far return to ring 0': gp(0x10),
  'an iretq to a non-canonical address': GP,
  // A stack fault, which ends the VM; CPUs in software take it for a general one.
  'an iretq with a stack in the upper half': {
    pvm: breach('raised exception 12'),
    stock: oneOf(breach('raised exception 12'), GP),
  },
  'a far jump through memory to ring 0': gp(0x10),
  'a far call through memory to the TSS': gp(0x40),
};

/** Where the fault's address is the guest's own, which moves with each build of it. */
const MOVING: Readonly<Record<string, number>> = {
  'code on the stack': 0x15,
  'code that changes itself': 0x07,
};

export const instructions: Row[] = [
  ...Object.entries(EXPECTED).map(([name, expected]) => ({
    name,
    expected,
    attempt: async (ground: Parameters<Row['attempt']>[0]) =>
      fateOf(await ground.attack('Instruction', [], Buffer.from(name))),
  })),
  ...Object.entries(MOVING).map(([name, errorCode]) => ({
    name,
    expected: { exception: '#PF', errorCode },
    attempt: async (ground: Parameters<Row['attempt']>[0]) => {
      const fate = await ground.attack('Instruction', [], Buffer.from(name));
      const { address: _, ...outcome } = fateOf(fate) as { address?: string };
      return outcome;
    },
  })),
];

/** What the guest knows, to compare with what stands here. */
export const names = (): string[] => [...Object.keys(EXPECTED), ...Object.keys(MOVING)];
