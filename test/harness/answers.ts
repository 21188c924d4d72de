import type { Answer, Visitor } from './visitor.ts';

/** How a command is denied to whom it is not given: as if nothing were there, or openly where it may be seen. */
export const DENIED: readonly string[] = ['NOT_FOUND', 'FORBIDDEN'];

/** What came of a mutation: ACCEPTED, or the code of its refusal or error. */
export function codeOf({ data, errors }: Answer, field: string): string {
  return data?.[field]?.refusal?.code ?? errors[0]?.extensions.code ?? 'ACCEPTED';
}

/** Asks for what has this id; the selection speaks of it as `$id`. */
// biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for
export async function byId(as: Visitor, selection: string, id: string): Promise<any> {
  return (await as.send(`query ($id: ID!) { ${selection} }`, { id })).data;
}
