// Owns the rows of loading: lies before there is a sandbox, where no call is under way.
import { LIMITS } from './ground.js';
import { answer, type Expected, failure, RAISE, type Row } from './rows.js';

const LOAD_MS = 400;

const breach = (what: string): Expected =>
  failure('ERR_HL_BREACH', `create: the VM was stopped, it did what no guest may: ${what}`);

/** What the guest does while it is loaded, in the eight letters by which it knows it. */
const LIES: [atLoad: string, name: string, expected: Expected][] = [
  ['ordinary', 'loads as it should', answer([])],
  ['returned', 'returns from a call', breach('answered Returned out of turn')],
  ['too-many', 'asks for more than there is', breach('asked for more of a message than there is')],
  ['ahead-of', 'answers what was not said yet', breach('rang without an answer')],
  ['too-long', 'claims 4 GiB', breach('claims 4294967295 bytes in a window of 1052672')],
  ['exit-now', 'exits', failure('ERR_HL_TRAP', 'create exited with status 4294967295')],
  [
    'garbling',
    'fails with a text that claims 4 GiB and is not UTF-8',
    failure('ERR_HL_COMPONENT_START', `the component could not be started: ${'\ufffd'.repeat(12)}`),
  ],
  [
    'for-ever',
    'never answers',
    failure('ERR_HL_TIMEOUT', `create took longer than timeoutMs (${LOAD_MS} ms)`),
  ],
  [
    'printing',
    'prints without an end',
    failure('ERR_HL_LIMIT', `create went past limits.maxOutputBytes (${LIMITS.maxOutputBytes}); ${RAISE}`),
  ],
  ['a-breach', 'uses the port for nothing', breach('asked for unknown operation 0')],
  // It is refused, and goes on; the function was never called.
  ['hostcall', 'calls the host', answer([])],
];

export const loading: Row[] = [
  ...LIES.map(([atLoad, name, expected]) => ({
    name,
    attempt: async (ground: Parameters<Row['attempt']>[0]) => {
      const sandbox = await ground.create(atLoad, { timeoutMs: atLoad === 'for-ever' ? LOAD_MS : 30_000 });
      await sandbox.close();
      return ground.functions.calls;
    },
    expected,
    // Of the sandbox that is there already.
    afterwards: 'put back' as const,
  })),
  {
    name: 'panics',
    attempt: async (ground) => {
      try {
        await ground.create('panicked');
      } catch (error) {
        // Where in the guest's source it was is of no interest.
        if (error instanceof Error) error.message = error.message.replace(/panicked at [^:]+:\d+:\d+:\n/, '');
        throw error;
      }
    },
    expected: failure('ERR_HL_GUEST_PANIC', 'create: the program inside the VM failed: as it was told to'),
    afterwards: 'put back',
  },
];
