import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { LocalStackFault } from '../fault.ts';

export interface Java {
  readonly command: string;
  /** Feature release, for example 17. */
  readonly release: number;
}

const NEEDED_RELEASE = 17;
const ADVICE =
  'install a Java runtime of release 17 or newer and put it into PATH or JAVA_HOME, or give the address of a running Kafka in QTM_LOCAL_KAFKA_BROKERS';

/**
 * The Java runtime of this machine: that of JAVA_HOME, else the one in PATH.
 * @throws LocalStackFault where there is none, or it is too old
 */
export function findJava(env: Readonly<Record<string, string | undefined>> = process.env): Java {
  const command = env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : 'java';
  const { status, stdout, stderr } = spawnSync(command, ['-version'], { encoding: 'utf8', env: { ...env } });
  if (status !== 0) throw new LocalStackFault(`Kafka needs Java, and ${command} does not run: ${ADVICE}`);
  const release = releaseOf(`${stdout}${stderr}`);
  if (release === undefined) throw new LocalStackFault(`${command} does not say which release it is: ${ADVICE}`);
  if (release < NEEDED_RELEASE) throw new LocalStackFault(`${command} is Java ${release}, which is too old: ${ADVICE}`);
  return { command, release };
}

/** `version "17.0.15"` → 17, `version "1.8.0_402"` → 8. */
export function releaseOf(output: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  if (first === undefined) return undefined;
  return Number(first === '1' ? second : first);
}
