// Owns docs/errors.md: the table of errors as a page for users.
import { ERRORS } from './table.js';

const INTRODUCTION = `<!-- Written from packages/host/src/errors/table.ts by \`npm run bless\`. Do not edit. -->

# Errors

Every error of \`@hl/host\` is a \`HyperlightError\` with a \`code\` from this list; \`cause\` is what led to it, where
something did. Wrong arguments and options are a \`TypeError\` or a \`RangeError\` that names the path:
\`args[0].tags[3]: expected string, got number\`. \`instanceof\` works across ESM, CommonJS and copies of the package.

*Fault* is who has to change something: the caller, the guest, a limit, a hostile guest, or the host. *Afterwards* is
what the sandbox is like: never made, unchanged, recovered (back in its base state: the next call works), replaced
(likewise, in a new VM), or closed.
`;

export function errorsPage(): string {
  const sections = Object.entries(ERRORS).map(
    ([code, entry]) =>
      `\n## ${code}\n\n\`${entry.class}\`; fault: ${entry.fault}; afterwards: ${entry.afterwards}.\n\n${entry.meaning}\n${entry.remedy}\n`,
  );
  return INTRODUCTION + sections.join('');
}
