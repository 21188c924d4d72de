/** Carries consistency tokens: in from the client and from subgraphs, out to every later subgraph request and to the client. */
export const CONSISTENCY_HEADER = 'qtm-consistency';
/** Says of a subgraph's answer that it was given before everything the client has seen had arrived there. */
export const INCOMPLETE_HEADER = 'qtm-consistency-incomplete';

/** Together they keep the header below what Node and common proxies accept (16 KiB for all headers of a message). */
const MAX_TOKENS = 256;
const MAX_HEADER_LENGTH = 10_000;

/** `<service>/<type>/<id>@<epoch>.<version>~<mac>`; reserved characters inside a part are percent-encoded. */
const PART = "[\\w.%!*'()+=:-]+";
const TOKEN = new RegExp(`^(${PART}/${PART}/${PART})@(\\d{1,15})\\.(\\d{1,15})~${PART}$`);

interface Token {
  readonly text: string;
  readonly epoch: number;
  readonly version: number;
}

/**
 * The newest token of every aggregate an operation has met. Opaque here: only the services can make one or tell a forged one. What is
 * not a token is skipped; where there are too many, those learned first are dropped, and the collection says it is incomplete.
 */
export class ConsistencyTokens {
  readonly #newest = new Map<string, Token>();
  #headerLength = 0;
  #incomplete = false;

  /** Adds the tokens of a header, separated by commas. */
  add(header: string | readonly string[] | undefined): void {
    for (const text of [header ?? []].flat().flatMap((value) => value.split(','))) this.#addOne(text.trim());
  }

  /** Said by a subgraph that answered without having waited for everything it was asked to. */
  markIncomplete(): void {
    this.#incomplete = true;
  }

  get tokens(): readonly string[] {
    return [...this.#newest.values()].map(({ text }) => text);
  }

  /** The tokens as a header; undefined where there are none. */
  get header(): string | undefined {
    return this.#newest.size === 0 ? undefined : this.tokens.join(',');
  }

  get incomplete(): boolean {
    return this.#incomplete;
  }

  #addOne(text: string): void {
    const [, key, epoch, version] = TOKEN.exec(text) ?? [];
    if (key === undefined) return;
    const token = { text, epoch: Number(epoch), version: Number(version) };
    const known = this.#newest.get(key);
    if (known !== undefined) {
      if (!isNewer(token, known)) return;
      this.#drop(key, known);
    }
    this.#newest.set(key, token);
    this.#headerLength += text.length + 1;
    while (this.#newest.size > MAX_TOKENS || this.#headerLength > MAX_HEADER_LENGTH) this.#dropOldest();
  }

  #dropOldest(): void {
    for (const [key, token] of this.#newest) {
      this.#drop(key, token);
      this.#incomplete = true;
      return;
    }
  }

  #drop(key: string, token: Token): void {
    this.#newest.delete(key);
    this.#headerLength -= token.text.length + 1;
  }
}

function isNewer(a: Token, b: Token): boolean {
  return a.epoch === b.epoch ? a.version > b.version : a.epoch > b.epoch;
}
