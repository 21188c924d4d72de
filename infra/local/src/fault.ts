/** What a person can do something about; the message is one line that says what is needed. Anything else is a bug. */
export class LocalStackFault extends Error {
  override readonly name = 'LocalStackFault';
}

/** Turns a refused write into a fault that names the path; other errors pass through. */
export function explainDenied(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new LocalStackFault(`no permission to write in ${path}`);
  }
  if (code === 'ENOSPC') return new LocalStackFault(`no space left on the disk of ${path}`);
  return error;
}
