// Owns Node's permissions (`node --permission`) where Node does not keep them by itself: for files that native code opens.

interface Permission {
  has(scope: 'fs.read' | 'fs.write', path: string): boolean;
}

/** Whether that may be done with that file; yes where the process has all permissions. */
export function isPermitted(scope: 'fs.read' | 'fs.write', path: string): boolean {
  const { permission } = process as { permission?: Permission };
  return permission?.has(scope, path) ?? true;
}

/** Whether Node refused something for want of a permission. */
export const isDenied = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_ACCESS_DENIED';
