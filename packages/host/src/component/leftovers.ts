// Owns what a toolchain leaves in a component's interface that is not its author's: it is not shown.
import type { FunctionDescriptor } from '../descriptor.js';

/** componentize-qjs fills its engine through these while it builds; afterwards they only take up space. */
const QUICKJS_INTERFACE = 'local:init/';
const QUICKJS_INIT_PARAMS = 'shim,script,entry-path,disable-gc';

export function isLeftover(interfaceName: string | null, { name, params }: FunctionDescriptor): boolean {
  if (interfaceName !== null) return interfaceName.startsWith(QUICKJS_INTERFACE);
  return name === 'init' && params.map((param) => param.name).join() === QUICKJS_INIT_PARAMS;
}
