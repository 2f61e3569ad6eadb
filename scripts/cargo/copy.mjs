// Owns how a built file gets into a package: never half, never under a process that has the old one mapped.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

export function copyIfChanged(source, target) {
  if (existsSync(target) && readFileSync(source).equals(readFileSync(target))) return;
  mkdirSync(dirname(target), { recursive: true });
  const arriving = `${target}.${process.pid}`;
  copyFileSync(source, arriving);
  renameSync(arriving, target);
}
