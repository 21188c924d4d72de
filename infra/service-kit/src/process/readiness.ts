/** Why a process is not ready: each part states its reason until it has none. A ready process has no reasons. */
export class Readiness {
  readonly #reasons = new Map<string, string>();

  /** States or renews the reason of a part. */
  block(part: string, reason: string): void {
    this.#reasons.set(part, reason);
  }

  clear(part: string): void {
    this.#reasons.delete(part);
  }

  get reasons(): readonly string[] {
    return [...this.#reasons].map(([part, reason]) => `${part}: ${reason}`);
  }
}
