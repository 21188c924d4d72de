import { composeServices } from '@apollo/composition';
import { type DocumentNode, GraphQLError, Kind, parse, Source } from 'graphql';
import { type Contract, ContractError, type SdlFile } from './contract.ts';

export interface Supergraph {
  readonly sdl: string;
  /** What composition has to say beside errors, one line each. */
  readonly hints: readonly string[];
}

/**
 * The document of one subgraph as the kit serves it: its own types and the shared ones.
 * @throws ContractError naming file and line of what is no GraphQL
 */
export function subgraphDocument(sdl: readonly SdlFile[], sharedSdl: SdlFile): DocumentNode {
  return { kind: Kind.DOCUMENT, definitions: [...sdl, sharedSdl].flatMap((file) => parsed(file).definitions) };
}

/**
 * Composes every subgraph of the contract. The addresses in the result are placeholders, since who serves it knows the real ones.
 * @throws ContractError with one line per composition error
 */
export function composeSupergraph(contract: Contract): Supergraph | undefined {
  const subgraphs = contract.services.filter(({ sdl }) => sdl.length > 0);
  if (subgraphs.length === 0) return undefined;
  const result = composeServices(
    subgraphs.map(({ name, sdl }) => ({
      name,
      url: `http://${name}.invalid/graphql`,
      typeDefs: subgraphDocument(sdl, contract.sharedSdl),
    })),
  );
  if (result.errors !== undefined) {
    const lines = result.errors.map((error) => `  ${codeOf(error)} ${error.message.replaceAll('\n', '\n    ')}`);
    throw new ContractError(`the subgraphs do not compose:\n${lines.join('\n')}`);
  }
  const hints = result.hints
    .filter((hint) => hint.definition.level.name !== 'DEBUG')
    .map((hint) => `${hint.definition.level.name} ${hint.definition.code} ${hint.message}`);
  return { sdl: result.supergraphSdl, hints };
}

function codeOf(error: GraphQLError): string {
  return String(error.extensions.code ?? 'ERROR');
}

/**
 * One file's definitions, whose places name the file.
 * @throws ContractError naming file and line of what is no GraphQL
 */
export function parsed({ path, text }: SdlFile): DocumentNode {
  try {
    return parse(new Source(text, path));
  } catch (cause) {
    if (!(cause instanceof GraphQLError)) throw cause;
    const { line = 0, column = 0 } = cause.locations?.[0] ?? {};
    throw new ContractError(`${path}:${line}:${column}: ${cause.message}`);
  }
}
