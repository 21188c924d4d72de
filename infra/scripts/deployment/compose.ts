import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** A container of `docker-compose.yml`, in the short forms that the file keeps to. */
export interface Container {
  readonly image: string;
  readonly build?: {
    readonly context: string;
    readonly dockerfile: string;
    readonly args: { readonly WORKSPACE: string };
  };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** `volume:/path` or `volume:/path:ro` */
  readonly volumes?: readonly string[];
  /** `address:published:container` */
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  /** A step runs once, and has restart 'no'. */
  readonly restart: string;
  readonly user?: string;
  readonly privileged?: boolean;
}

export interface Compose {
  readonly services: Readonly<Record<string, Container>>;
  readonly volumes: Readonly<Record<string, object | null>>;
}

export const COMPOSE_FILE = 'docker-compose.yml';

export function parseCompose(text: string): Compose {
  return parse(text, { merge: true });
}

export function readCompose(root: string): Compose {
  return parseCompose(readFileSync(join(root, COMPOSE_FILE), 'utf8'));
}

export function isStep({ restart }: Container): boolean {
  return restart === 'no';
}

/** The file that a container of ours runs, by its path below the root. */
export function mainOf({ build, command }: Container): string | undefined {
  if (build === undefined) return undefined;
  const [, file] = command ?? [];
  return file === undefined ? `${build.args.WORKSPACE}/src/main.ts` : file.replace(/^\/qtm\//, '');
}
