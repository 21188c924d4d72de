import {
  fact,
  type Known,
  known,
  type PrincipalLookup,
  type Row,
  type Session,
  sql,
  type Ternary,
} from '@qtm/service-kit';

interface IdentityState {
  readonly id: string;
  readonly state: string;
}

interface GrantedRole {
  readonly role: string;
  readonly unknown: boolean;
}

const rolesOf = (rows: readonly Row[]): GrantedRole[] =>
  rows.map((row) => ({ role: row.role as string, unknown: row.unknown as boolean }));

/** Looks up whether the session's identity is registered and active, and which roles it was granted beside those of its session. */
export const principal: PrincipalLookup = {
  facts: (session) => ({
    $identity: known<IdentityState>('operator', 'identity', session.identityId),
    $roles: fact(
      sql`select role, source, type, id, epoch, version, unknown from granted_role where identity_id = ${session.identityId}`,
      rolesOf,
      'governance',
    ),
  }),
  read(session, values) {
    // Read when asked for: who has a role by its session does not depend on what was granted here.
    return {
      get identityActive() {
        return activeOf(values.$identity as Known<IdentityState> | undefined);
      },
      hasRole: (role) => session.roles.includes(role) || wasGranted(values.$roles as readonly GrantedRole[], role),
    };
  },
};

function activeOf(identity: Known<IdentityState> | undefined): Ternary {
  if (identity === undefined) return false;
  return identity.unknown ? 'unknown' : identity.value.state === 'ACTIVE';
}

function wasGranted(granted: readonly GrantedRole[], role: string): Ternary {
  const grant = granted.find((one) => one.role === role);
  if (grant === undefined) return false;
  return grant.unknown ? 'unknown' : true;
}

/** The condition `not_oneself` of a matrix: what is done is done to another identity. */
export function not_oneself({
  session,
  input,
}: {
  readonly session: Session;
  readonly input: { readonly identityId: string };
}): boolean {
  return input.identityId !== session.identityId;
}
