// Owns an app of a user: an empty folder outside the repository into which tarballs are installed and where programs run.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    return consumer.#install(options.manager, options.optional === false);
  }

  /** The app that `make` writes into the empty folder; its packages come from tarballs, whatever its package.json says. */
  static made(tarballs: Tarballs, make: (consumer: Consumer) => void): Consumer {
    const consumer = new Consumer();
    make(consumer);
    consumer.#takeFromTarballs(tarballs);
    return consumer.#install('npm', false);
  }

  #install(manager: PackageManager, withoutOptional: boolean): this {
    mkdirSync(this.#environment.XDG_CACHE_HOME as string);
    const installed =
      manager === 'npm'
        ? this.run('npm', [
            'install',
            '--no-fund',
            '--no-audit',
            ...(withoutOptional ? ['--omit=optional'] : []),
          ])
        : this.run(pnpm, ['install', '--ignore-workspace', ...(withoutOptional ? ['--no-optional'] : [])]);
    if (installed.status !== 0) {
      throw new Error(`${manager} install failed\n${installed.stdout}\n${installed.stderr}`);
    }
    return this;
  }

  #takeFromTarballs(tarballs: Tarballs): void {
    const path = join(this.folder, 'package.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string>>;
    for (const field of ['dependencies', 'devDependencies']) {
      for (const name of Object.keys(manifest[field] ?? {})) {
        if (name in tarballs) manifest[field]![name] = `file:${tarballs[name as PackageName]}`;
      }
    }
    manifest.overrides = fileSpecifiers(tarballs);
    writeFileSync(path, JSON.stringify(manifest, null, 2));
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
    const fromTarballs = fileSpecifiers(tarballs);
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

function fileSpecifiers(tarballs: Tarballs): Record<string, string> {
  return Object.fromEntries(Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`]));
}

/**
 * Nothing of ours comes in from outside: no HL_ variables, no cache, no programs of the repository on PATH, and no
 * NODE_PATH, which pnpm's launchers set to the repository's packages.
 */
function environment(folder: string): NodeJS.ProcessEnv {
  const cache = join(folder, '.cache');
  const repository = resolve(import.meta.dirname, '..', '..');
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(HL_|npm_|VITEST|NODE_(ENV|PATH|OPTIONS)$|INIT_CWD)/.test(name),
  );
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => !entry.startsWith(repository));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), XDG_CACHE_HOME: cache };
}
