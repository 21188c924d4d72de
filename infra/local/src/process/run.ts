import { type ExecFileOptions, execFile } from 'node:child_process';

/** A program as it is started. */
export interface Invocation {
  readonly command: string;
  readonly args: readonly string[];
}

export interface RunOptions extends Pick<ExecFileOptions, 'cwd' | 'env' | 'uid' | 'gid'> {
  /** kill -9 after so long. */
  readonly timeoutMs: number;
}

export interface Outcome {
  readonly ok: boolean;
  /** Everything it wrote; why it could not be started, where it could not. */
  readonly output: string;
}

/** Runs a program to its end; that it fails is an outcome. Waits without holding up the rest of the start. */
export function run({ command, args }: Invocation, { timeoutMs, ...options }: RunOptions): Promise<Outcome> {
  return new Promise((resolve) => {
    const settings = { ...options, timeout: timeoutMs, killSignal: 'SIGKILL', maxBuffer: 1 << 26 } as const;
    execFile(command, [...args], settings, (error, stdout, stderr) => {
      const said = `${stdout}${stderr}`.trim();
      const late = error?.killed === true ? `not done after ${timeoutMs / 1_000} s` : error?.message;
      resolve({ ok: error === null, output: said === '' ? (late ?? '') : said });
    });
  });
}

/** What a program said last, which is mostly why it failed. */
export function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
