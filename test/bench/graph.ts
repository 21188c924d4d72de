import { Agent, request } from 'undici';

interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

/** Asks one endpoint for GraphQL over connections that stay open. */
export class Graph {
  readonly #agent: Agent;
  readonly #endpoint: string;

  constructor(endpoint: string) {
    this.#endpoint = endpoint;
    this.#agent = new Agent({ connections: 256, pipelining: 1 });
  }

  /** @throws Error with the code of the first error, or of the refusal under `field` */
  async ask(
    token: string,
    query: string,
    variables: object,
    field?: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { body } = await request(this.#endpoint, {
      method: 'POST',
      dispatcher: this.#agent,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'qtm-deadline-ms': '2000' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await body.json()) as Answer;
    const [error] = errors ?? [];
    if (error !== undefined) throw new Error(error.extensions?.code ?? error.message);
    const refusal = field && (data?.[field] as { refusal?: { code: string } | null } | null)?.refusal;
    if (refusal) throw new Error(refusal.code);
    return data ?? {};
  }

  close(): Promise<void> {
    return this.#agent.close();
  }
}

/** A mutation as clients write it, with the refusal selected. */
export function mutation(field: string, selection: string): string {
  const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
  return `mutation ${field}($input: ${type}!) { ${field}(input: $input) { ${selection} refusal { code } } }`;
}
