/**
 * Does costly readings one after the other, however many ask at once. Whoever asks for what is waited for or under way already gets
 * what comes of that.
 */
export class OneAtATime<T> {
  readonly #asked = new Map<string, Promise<T>>();
  #last: Promise<unknown> = Promise.resolve();

  /** @param what names what is read: the same name, the same reading */
  run(what: string, read: () => Promise<T>): Promise<T> {
    const asked = this.#asked.get(what);
    if (asked !== undefined) return asked;
    const mine = this.#last.then(read).finally(() => this.#asked.delete(what));
    this.#asked.set(what, mine);
    // What one reading ended with is nothing to the next.
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
