import { readFileSync } from 'node:fs';
import { Kind, parse } from 'graphql';

export interface Supergraph {
  readonly sdl: string;
  /** Names of the subgraphs it was composed from. */
  readonly subgraphs: readonly string[];
}

/**
 * Reads a composed supergraph.
 * @throws Error where the file cannot be read or holds no supergraph
 */
export function readSupergraph(path: string): Supergraph {
  const sdl = readFileSync(path, 'utf8');
  const subgraphs = parse(sdl)
    .definitions.filter((definition) => definition.kind === Kind.ENUM_TYPE_DEFINITION)
    .filter(({ name }) => name.value === 'join__Graph')
    .flatMap(({ values = [] }) => values.map(graphName));
  if (subgraphs.length === 0) throw new Error(`${path} holds no composed supergraph`);
  return { sdl, subgraphs };
}

interface GraphValue {
  readonly directives?: readonly {
    readonly arguments?: readonly { readonly name: { readonly value: string }; readonly value: object }[];
  }[];
}

/** The name in `@join__graph(name: "…", url: "…")`. */
function graphName({ directives = [] }: GraphValue): string {
  const named = directives.flatMap((directive) => directive.arguments ?? []).find(({ name }) => name.value === 'name');
  return named !== undefined && 'value' in named.value ? String(named.value.value) : '';
}
