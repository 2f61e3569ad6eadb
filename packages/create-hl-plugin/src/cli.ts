#!/usr/bin/env node
// Owns the command `npm create hl-plugin`: its words, what it prints, and the exit code.
import { createRequire } from 'node:module';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createProject, FolderError } from './project.js';

const USAGE = `usage: npm create hl-plugin FOLDER

  FOLDER      where to make the project: a plug-in in TypeScript, its WIT world, and an app that runs it
  --version   the version of this package
  -h, --help  this text`;

const FAILED = 1;
const MISUSED = 2;

async function main(words: string[]): Promise<number> {
  const { folder, help, version, mistake } = parse(words);
  if (mistake !== undefined) {
    console.error(`create-hl-plugin: ${mistake}\n\n${USAGE}`);
    return MISUSED;
  }
  if (help || version || folder === undefined) {
    console.log(version ? ownVersion() : USAGE);
    return 0;
  }
  try {
    const files = await createProject(resolve(folder));
    console.log(report(folder, files));
    return 0;
  } catch (error) {
    if (!(error instanceof FolderError)) throw error;
    console.error(`create-hl-plugin: ${error.message}`);
    return FAILED;
  }
}

interface Words {
  folder?: string;
  help?: boolean;
  version?: boolean;
  mistake?: string;
}

function parse(words: string[]): Words {
  try {
    const { values, positionals } = parseArgs({
      args: words,
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
    });
    const [folder, ...others] = positionals;
    if (others.length > 0) return { mistake: `one folder is enough, got ${others.join(' ')} besides` };
    const { help = false, version = false } = values;
    // An empty word is a variable of a shell's that is not set.
    if (!folder) return help || version ? { help, version } : { mistake: 'name a folder' };
    return { help, version, folder };
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
    ...(shown === '.' ? [] : [`  cd ${word(shown)}`]),
    `  ${manager} install`,
    `  ${manager} start`,
  ].join('\n');
}

/** As a shell has to be told; one that begins with a dash would be taken for an option. */
function word(text: string): string {
  const path = text.startsWith('-') ? `./${text}` : text;
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function ownVersion(): string {
  return (createRequire(import.meta.url)('create-hl-plugin/package.json') as { version: string }).version;
}

/** The one that was asked to run this command says its name in the environment. */
function packageManager(): string {
  return /^(npm|pnpm|yarn|bun)\//.exec(process.env.npm_config_user_agent ?? '')?.[1] ?? 'npm';
}

process.exitCode = await main(process.argv.slice(2));
