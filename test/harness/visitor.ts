import type { TokenClaims } from '@qtm/local';
import { uniqueName } from './names.ts';

export interface VisitorOptions extends Partial<TokenClaims> {
  /** Where to send; the gateway where absent. A service itself is told how long it may wait for facts, as the gateway tells it. */
  readonly endpoint?: string;
  /** True for somebody who sends no session at all. */
  readonly anonymous?: boolean;
}

export interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly [name: string]: unknown };
}

export interface Answer<T = Record<string, never>> {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for
  readonly data: T extends Record<string, never> ? any : T;
  readonly errors: readonly GraphqlError[];
  readonly headers: Headers;
}

const CONSISTENCY_HEADER = 'qtm-consistency';
const WAIT_BUDGET = { 'qtm-deadline-ms': '10000' };

/** A client of the system under one session. It sends back the tokens of what it has seen, and does nothing else for consistency. */
export class Visitor {
  readonly subject: string;
  /** As whom it was made. */
  readonly options: VisitorOptions;
  readonly #endpoint: string;
  readonly #token: Promise<string>;
  #tokens: string | undefined;
  readonly #conversation = uniqueName('key-');
  #keys = 0;

  constructor(endpoint: string, sign: (claims: TokenClaims) => Promise<string>, options: VisitorOptions) {
    this.subject = options.subject ?? uniqueName('somebody-');
    this.options = options;
    this.#endpoint = options.endpoint ?? endpoint;
    this.#token = sign({ ...options, subject: this.subject });
  }

  /** What this visitor has seen, as the header that says so. */
  get tokens(): string | undefined {
    return this.#tokens;
  }

  /** Learns what others have seen, as a person is told by another. */
  learn(...others: readonly Visitor[]): this {
    const seen = [this, ...others].flatMap(({ tokens }) => tokens?.split(',') ?? []);
    this.#tokens = [...new Set(seen)].join(',') || undefined;
    return this;
  }

  /** A key that was not used before. */
  key(): string {
    this.#keys += 1;
    return `${this.#conversation}:${this.#keys}`;
  }

  async send(query: string, variables: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.#endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.options.anonymous === true ? {} : { authorization: `Bearer ${await this.#token}` }),
        ...(this.options.endpoint === undefined ? {} : WAIT_BUDGET),
        ...(this.#tokens === undefined ? {} : { [CONSISTENCY_HEADER]: this.#tokens }),
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    this.#tokens = response.headers.get(CONSISTENCY_HEADER) ?? this.#tokens;
    const { data = null, errors = [] } = (await response.json()) as { data?: never; errors?: GraphqlError[] };
    return { status: response.status, data: data as never, errors, headers: response.headers };
  }

  /**
   * Makes one mutation with a fresh key and gives its payload; null where it was an error.
   * @param selection what to ask of the payload beside the refusal
   */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asked for
  async mutate(field: string, input: object, selection = ''): Promise<any> {
    const { data, errors } = await this.attempt(field, input, selection);
    if (errors.length > 0) throw new Error(`${field}: ${JSON.stringify(errors)}`);
    const { refusal } = data[field];
    if (refusal !== null) throw new Error(`${field} was refused: ${JSON.stringify(refusal)}`);
    return data[field];
  }

  /** The same, whatever the answer is. */
  attempt(field: string, input: object, selection = ''): Promise<Answer> {
    const type = `${field[0]?.toUpperCase()}${field.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { ${field}(input: $input) {
      ${selection} refusal { code message retryable currentState details { name value } } } }`;
    return this.send(query, { input: { idempotencyKey: this.key(), ...input } });
  }

  /** Registers this visitor's identity and gives its id. */
  async register(): Promise<string> {
    return (await this.mutate('registerIdentity', {}, 'identity { id }')).identity.id;
  }
}
