import type { WireRequest } from './wire.ts';
import type { WireAnswer } from './wire-answer.ts';
import type { Person } from './world/people.ts';

/** Where a request is sent: the gateway, or a service past it. */
export interface Door {
  readonly name: string;
  readonly url: string;
}

/** One hostile request, and what more is known of its answer than what holds for every one. */
export interface Attempt {
  /** What it tries, and where: enough to tell one finding from another. */
  readonly label: string;
  readonly door: Door;
  readonly request: WireRequest;
  /** Whose session it carries; undefined where it carries none that counts, and nothing of anybody's may be answered. */
  readonly person?: Person | undefined;
  /** True where no session that counts is carried: nothing but its refusal may be answered. */
  readonly sessionless?: boolean;
  /** True where nobody changes meanwhile what is seen, so that the count of a list must be what the list shows. */
  readonly stillLists?: boolean;
  /** True where an end of the connection without an answer is an answer, too. */
  readonly mayHangUp?: boolean;
  /** What is wrong with the answer beyond what is checked of all. */
  readonly verdict?: (answer: WireAnswer) => string | undefined;
  /** Hears the answer, to know more for what is tried next. */
  readonly heard?: (answer: WireAnswer) => void;
}

/** Something that must not be: a finding. */
export interface Violation {
  /** The invariant that does not hold. */
  readonly invariant: string;
  readonly what: string;
  readonly label: string;
  readonly request?: string;
  readonly answer?: string;
}
