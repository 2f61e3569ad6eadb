// Owns `compile`: fills the cache ahead of time.
import { Component } from '../component.js';
import { type Command, fileOf, parse } from './command.js';

export const compile: Command = {
  name: 'compile',
  usage: ['compile plugin.wasm'],
  summary: 'compile a component into the cache, so that no create has to',
  async run(args) {
    const file = fileOf(parse(args, { positionalsMax: 1 }));
    let compiled = false;
    const component = await Component.load(file, {
      onProgress: ({ stage }) => {
        compiled ||= stage === 'compile';
      },
    });
    process.stdout.write(`${component.hash} ${compiled ? 'compiled' : 'was compiled already'}\n`);
    return 0;
  },
};
