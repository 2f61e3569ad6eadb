#!/usr/bin/env node
// Owns the command `npm create hl-plugin`: its words, what it prints, and the exit code.
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createProject, FolderTakenError } from './project.js';

const USAGE = `usage: npm create hl-plugin FOLDER

  FOLDER   where to make the project: a plug-in in TypeScript, its WIT world, and an app that runs it`;

const FAILED = 1;
const MISUSED = 2;

async function main(words: string[]): Promise<number> {
  const { folder, help, mistake } = parse(words);
  if (mistake !== undefined) {
    console.error(`create-hl-plugin: ${mistake}\n\n${USAGE}`);
    return MISUSED;
  }
  if (help || folder === undefined) {
    console.log(USAGE);
    return help ? 0 : MISUSED;
  }
  try {
    const files = await createProject(resolve(folder));
    console.log(report(folder, files));
    return 0;
  } catch (error) {
    if (!(error instanceof FolderTakenError)) throw error;
    console.error(`create-hl-plugin: ${error.message}`);
    return FAILED;
  }
}

interface Words {
  folder?: string;
  help?: boolean;
  mistake?: string;
}

function parse(words: string[]): Words {
  try {
    const { values, positionals } = parseArgs({
      args: words,
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' } },
    });
    const [folder, ...others] = positionals;
    if (others.length > 0) return { mistake: `one folder is enough, got ${others.join(' ')} besides` };
    return { help: values.help ?? false, ...(folder !== undefined && { folder }) };
  } catch (error) {
    return { mistake: (error as Error).message };
  }
}

function report(folder: string, files: readonly string[]): string {
  const shown = relative('.', resolve(folder)) || '.';
  const manager = packageManager();
  return [
    `made ${files.length} files in ${shown}: ${files.join(', ')}`,
    '',
    'next:',
    ...(shown === '.' ? [] : [`  cd ${shown}`]),
    `  ${manager} install`,
    `  ${manager} start`,
  ].join('\n');
}

/** The one that was asked to run this command says its name in the environment. */
function packageManager(): string {
  return /^(npm|pnpm|yarn|bun)\//.exec(process.env.npm_config_user_agent ?? '')?.[1] ?? 'npm';
}

process.exitCode = await main(process.argv.slice(2));
