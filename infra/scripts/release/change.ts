/**
 * How a change of the contract stands to what was released: it breaks a promise, adds to it, or changes who may do what, which is
 * for people to decide and not a matter of compatibility.
 */
export interface Change {
  readonly level: 'breaking' | 'additive' | 'authority';
  /** File, as it is or was, and where in it. */
  readonly where: string;
  readonly what: string;
}
