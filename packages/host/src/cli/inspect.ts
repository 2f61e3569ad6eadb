// Owns `inspect`: what a component offers and wants, and what to write to grant it.
import { artifactOf, Component } from '../component.js';
import { skeletonOf } from '../sandbox/skeleton.js';
import { type Command, fileOf, parse } from './command.js';

export const inspect: Command = {
  name: 'inspect',
  usage: ['inspect plugin.wasm [--json]'],
  summary: 'show the WIT of a component, and the `imports` that it wants',
  async run(args) {
    const parsed = parse(args, { options: { json: { type: 'boolean' } }, positionalsMax: 1 });
    const component = await Component.load(fileOf(parsed));
    process.stdout.write(parsed.values['json'] === true ? json(component) : text(component));
    return 0;
  },
};

function json({ hash, wit, imports, exports }: Component): string {
  return `${JSON.stringify({ hash, imports, exports, wit }, null, 2)}\n`;
}

function text(component: Component): string {
  const wanted = wantedFunctions(component);
  const isolated = component.imports.length - wanted.length;
  const lines = [component.wit.trimEnd(), ''];
  if (isolated > 0) lines.push(`// ${isolated} imported functions are served inside the VM, in isolation.`);
  if (wanted.length === 0) lines.push('// It wants nothing from the host.');
  else lines.push('// What it wants from the host, for Sandbox.create:', skeletonOf(wanted));
  return `${lines.join('\n')}\n`;
}

function wantedFunctions(component: Component): Parameters<typeof skeletonOf>[0] {
  const wanted = component.imports.filter((one) => one.servedBy === 'host');
  const { imports } = artifactOf(component).descriptor;
  return imports.flatMap(({ name, functions }) =>
    functions
      .filter((one) =>
        wanted.some((candidate) => candidate.interface === name && candidate.name === one.name),
      )
      .map((descriptor) => ({ interface: name, descriptor })),
  );
}
