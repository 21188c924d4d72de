import type { TokenClaims, TokenKind } from '@qtm/local';

/** What somebody is to an operator. */
export type Standing = 'HOLDER' | 'EXECUTE' | 'GOVERN' | 'MEMBER';

/** Somebody who speaks to the system, and what the world knows of them. */
export interface Person {
  readonly name: string;
  readonly subject: string;
  readonly kind: TokenKind;
  readonly roles: readonly string[];
  /** The operator they belong to, and as what. */
  readonly of?: { readonly operator: string; readonly standing: Standing };
  /** Who acts for them, as a token says it. */
  readonly act?: object;
  /** False where nobody has registered them. */
  readonly registered: boolean;
}

export type Sign = (claims: TokenClaims) => Promise<string>;

/** Before they are too old for what takes a session that was proved a moment ago. */
const RENEW_AFTER_MS = 4 * 60_000;

/** Signs sessions and keeps each for a while; what it signed is remembered, so that logs can be searched for it. */
export class Sessions {
  readonly #sign: Sign;
  readonly #kept = new Map<string, { token: Promise<string>; untilMs: number }>();

  constructor(sign: Sign) {
    this.#sign = sign;
  }

  token(person: Person): Promise<string> {
    const kept = this.#kept.get(person.name);
    if (kept !== undefined && kept.untilMs > performance.now()) return kept.token;
    const { subject, kind, roles, act } = person;
    const token = this.#sign({ subject, kind, roles, ...(act === undefined ? {} : { act }) });
    this.#kept.set(person.name, { token, untilMs: performance.now() + RENEW_AFTER_MS });
    return token;
  }
}

/** Roles that anybody may claim to have; the last is none the system knows. */
export const ROLES = [
  'requester',
  'operator',
  'operator_governor',
  'admin_governor',
  'super_admin',
  'clo_reviewer',
  'finance',
  'auditor',
  'executive',
  'no_such_role',
] as const;

const AGENT_LINK = { sub: 'an-agent', qtm_kind: 'AGENT' };

/**
 * Outsiders: nobody knows them from the planted world. Every kind of principal with every role, and none; registered where that can be.
 * @param run put into their subjects, so that a later run meets nobody of an earlier one
 */
export function outsiders(run: string): readonly Person[] {
  const subject = (name: string) => `${run}-${name}`;
  const humans = ['none', ...ROLES].map((role): Person => {
    const roles = role === 'none' ? [] : [role];
    return { name: `human:${role}`, subject: subject(`human-${role}`), kind: 'HUMAN', roles, registered: true };
  });
  const unregistered = ['none', 'admin_governor', 'super_admin'].map((role): Person => {
    const name = `unregistered:${role}`;
    return { name, subject: subject(name), kind: 'HUMAN', roles: role === 'none' ? [] : [role], registered: false };
  });
  const machines = (['SERVICE', 'AGENT'] as const).flatMap((kind) =>
    ['none', ...ROLES].map((role): Person => {
      const name = `${kind.toLowerCase()}:${role}`;
      return { name, subject: subject(name), kind, roles: role === 'none' ? [] : [role], registered: false };
    }),
  );
  return [...humans, ...unregistered, ...machines];
}

/** The same person with an agent in the chain of who acts: an agent's session, whoever its subject is. */
export function throughAgent(person: Person, chain: 'direct' | 'nested' | 'unnamed' = 'direct'): Person {
  const act = {
    direct: AGENT_LINK,
    nested: { sub: 'a-service', qtm_kind: 'SERVICE', act: AGENT_LINK },
    unnamed: { sub: 'somebody' },
  }[chain];
  return { ...person, name: `${person.name} through an agent (${chain})`, act };
}

/** Whether an agent takes part in the sessions of this person. */
export function isAgent({ kind, act }: Person): boolean {
  return kind === 'AGENT' || act !== undefined;
}
