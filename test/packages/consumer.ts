// Owns an app of a user: an empty folder outside the repository into which tarballs are installed and where programs run.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { type PackageName, pnpm, type Tarballs } from './pack.js';

export type PackageManager = 'npm' | 'pnpm';

export interface ConsumerOptions {
  manager: PackageManager;
  tarballs: Tarballs;
  packages: PackageName[];
  /** Further packages by their registry names and exact versions. */
  others?: Record<string, string>;
  /** False installs without optional packages, as on a platform that we do not build for. */
  optional?: boolean;
}

export interface Outcome {
  status: number | null;
  stdout: string;
  stderr: string;
}

export class Consumer {
  readonly folder = mkdtempSync(join(tmpdir(), 'hl-consumer-'));
  readonly #environment = environment(this.folder);

  static install(options: ConsumerOptions): Consumer {
    const consumer = new Consumer();
    consumer.#writeManifest(options);
    const withoutOptional = options.optional === false;
    const installed =
      options.manager === 'npm'
        ? consumer.run('npm', [
            'install',
            '--no-fund',
            '--no-audit',
            ...(withoutOptional ? ['--omit=optional'] : []),
          ])
        : consumer.run(pnpm, [
            'install',
            '--ignore-workspace',
            ...(withoutOptional ? ['--no-optional'] : []),
          ]);
    if (installed.status !== 0) {
      throw new Error(`${options.manager} install failed\n${installed.stdout}\n${installed.stderr}`);
    }
    return consumer;
  }

  /** Lays the files of a folder in `fixtures` into the app. */
  add(fixture: string): this {
    cpSync(join(import.meta.dirname, 'fixtures', fixture), this.folder, { recursive: true });
    return this;
  }

  run(program: string, options: string[]): Outcome {
    const { status, stdout, stderr } = spawnSync(program, options, {
      cwd: this.folder,
      env: this.#environment,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      timeout: 300_000,
    });
    return { status, stdout, stderr };
  }

  node(...options: string[]): Outcome {
    return this.run(process.execPath, options);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Tarballs stand in for the registry, also where one of our packages asks for another. */
  #writeManifest({ manager, tarballs, packages, others = {} }: ConsumerOptions): void {
    const fromTarballs = Object.fromEntries(
      Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`]),
    );
    const direct = Object.fromEntries(packages.map((name) => [name, fromTarballs[name] as string]));
    const inherited = manager === 'npm' ? { overrides: fromTarballs } : { pnpm: { overrides: fromTarballs } };
    const manifest = {
      name: 'consumer',
      private: true,
      dependencies: { ...direct, ...others },
      ...inherited,
    };
    writeFileSync(join(this.folder, 'package.json'), JSON.stringify(manifest, null, 2));
  }
}

/**
 * Nothing of ours comes in from outside: no HL_ variables, no cache, no programs of the repository on PATH, and no
 * NODE_PATH, which pnpm's launchers set to the repository's packages.
 */
function environment(folder: string): NodeJS.ProcessEnv {
  const cache = join(folder, '.cache');
  mkdirSync(cache);
  const repository = resolve(import.meta.dirname, '..', '..');
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(HL_|npm_|VITEST|NODE_(ENV|PATH|OPTIONS)$|INIT_CWD)/.test(name),
  );
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => !entry.startsWith(repository));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), XDG_CACHE_HOME: cache };
}
