import { join } from 'node:path';
import { ROOT } from '@qtm/local';
import type { ServiceDefinition, Session } from '@qtm/service-kit';
import type { PrincipalKind } from '@qtm/service-kit/process';
import { evaluate } from '../../infra/service-kit/src/authority/evaluate.ts';
import { loadMatrix } from '../../infra/service-kit/src/authority/matrix.ts';
import { loadService } from '../harness/services.ts';

/** Who tries each command of a transfer: parties, those who stand beside, and what is no human. */
export const ACTORS = {
  'the holder, who proposed it': { id: 'holder' },
  'whom it goes to': { id: 'target' },
  'the super_admin who proposed it': { id: 'proposer', roles: ['super_admin'] },
  'a super_admin': { id: 'admin', roles: ['super_admin'] },
  'the super_admin who accepted it': { id: 'acceptor', roles: ['super_admin'] },
  'anybody else': { id: 'stranger', roles: ['admin_governor', 'clo_reviewer', 'auditor', 'executive'] },
  'a service': { id: 'machine', kind: 'SERVICE', roles: ['super_admin'] },
  'an agent': { id: 'omni', kind: 'AGENT', roles: ['super_admin'] },
  "the service's clock": { id: 'transfer', kind: 'SERVICE', own: true },
} as const satisfies Readonly<
  Record<string, { id: string; kind?: PrincipalKind; roles?: readonly string[]; own?: true }>
>;
export type Actor = keyof typeof ACTORS;

export const STATES = [
  'NONE',
  'proposed',
  'accepted',
  'completed',
  'rejected',
  'canceled',
  'expired',
  'voided',
] as const;
export type State = (typeof STATES)[number];

/** What is walked: each command on a transfer in each state by each actor, with the extensions on or off. */
export interface Tried {
  readonly command: string;
  readonly actor: Actor;
  readonly state: State;
  /** The state it leads to, or why it does not: FORBIDDEN, or the refusal. */
  readonly outcome: string;
}

const NOW = '2026-01-05T10:00:00.000000Z';
const BEFORE = '2026-01-04T10:00:00.000000Z';
const ROW_OF = 'transfer.';

/** Tries everything by the matrix, the conditions and the rules of the service itself, without a database. */
export async function walkTransfers(extensions: boolean): Promise<readonly Tried[]> {
  const service = await loadService('transfer');
  const { rows } = loadMatrix(join(ROOT, 'schema/transfer/authority.yaml'));
  const tried: Tried[] = [];
  for (const row of rows.values()) {
    const command = row.transition.slice(ROW_OF.length);
    if (!row.transition.startsWith(ROW_OF) || command === 'import') continue;
    for (const actor of Object.keys(ACTORS) as Actor[]) {
      for (const state of command === 'propose' ? (['NONE'] as const) : STATES.slice(1)) {
        tried.push({ command, actor, state, outcome: outcomeOf(service, row, ACTORS[actor], state, extensions) });
      }
    }
  }
  return tried;
}

type Row = ReturnType<typeof loadMatrix>['rows'] extends ReadonlyMap<string, infer R> ? R : never;
type Who = {
  readonly id: string;
  readonly kind?: PrincipalKind;
  readonly roles?: readonly string[];
  readonly own?: true;
};

function outcomeOf(service: ServiceDefinition, row: Row, who: Who, state: State, extensions: boolean): string {
  const command = service.commands.find(({ transition }) => transition === row.transition);
  if (command === undefined) throw new Error(`no command makes ${row.transition}`);
  const { spec } = command;
  const session = sessionOf(who);
  const overdue = row.transition === 'transfer.expire';
  const transfer = state === 'NONE' ? undefined : transferIn(state, extensions, overdue, who.id);
  const entry = {
    id: 'operator:crew',
    state: 'HELD',
    objectClass: 'operator',
    objectId: 'crew',
    holderIdentityId: 'holder',
    registerVersion: 1,
  };
  const locked = row.transition === 'transfer.propose' || row.transition === 'transfer.complete';
  const told = (value: object) => ({ version: 1, epoch: 1, unknown: false, value });
  const facts = {
    entry: locked ? { value: entry } : entry,
    policy: { version: 1, ...termsWith(extensions), proposedExpiresS: null, acceptedExpiresS: null },
    object: told({ state: 'ACTIVE' }),
    target: told({ state: 'ACTIVE', kind: 'HUMAN' }),
    activeTransfer: undefined,
    superAdmins: ['admin', 'proposer', 'acceptor'],
    reviewed: true,
  };
  const input = {
    objectClass: 'operator',
    objectId: 'crew',
    toIdentityId: 'target',
    evidence: [{ kind: 'DOCUMENT', sha256: 'ab' }],
    idempotencyKey: 'key',
  };
  const confirmed = { to_identity: facts.target, object: facts.object };
  const principal = { identityActive: true, hasRole: (role: string) => session.roles.includes(role) } as const;
  const grounds = { session, principal, input, state: transfer, facts, confirmed };
  const { outcome } = evaluate(row, {
    kind: session.kind,
    role: principal.hasRole,
    condition(name) {
      if (name === 'identity_active' || name === 'session_fresh') return true;
      return name === 'own_clock' ? session.own === true : (spec.conditions?.[name]?.(grounds) ?? false);
    },
  });
  if (outcome !== 'allowed') return 'FORBIDDEN';
  const reason = { ref: 'reason', hash: 'hash' };
  const decision = spec.decide({ ...grounds, personal: { reason }, by: who.id, now: NOW, newId: () => 'transfer' });
  return 'kind' in decision ? decision.code : (decision[0]?.after.state ?? '');
}

function sessionOf({ id, kind = 'HUMAN', roles = [], own }: Who): Session {
  return {
    identityId: id,
    issuer: '',
    subject: id,
    kind,
    roles,
    sessionHash: 'ab',
    authTime: 0,
    acr: null,
    expiresAt: 0,
    ...(own === true ? { own } : {}),
  };
}

const termsWith = (extensions: boolean) => ({
  distinctActors: 'strict',
  waiverAllowed: true,
  reviewRequired: false,
  recoveryBySuperAdmin: false,
  requiredCredentials: [],
  voidable: extensions,
  lockable: false,
  coolOffS: 0,
});

/** A transfer as it stands in one state; its deadlines have passed where that is what is tried. */
function transferIn(state: Exclude<State, 'NONE'>, extensions: boolean, overdue: boolean, triedBy: string) {
  const proposedBy = triedBy === ACTORS['the super_admin who proposed it'].id ? triedBy : 'holder';
  const deadline = extensions ? (overdue ? BEFORE : '2026-02-01T10:00:00.000000Z') : null;
  return {
    id: 'transfer',
    state,
    objectClass: 'operator',
    objectId: 'crew',
    fromIdentityId: 'holder',
    toIdentityId: 'target',
    fromRegisterVersion: 1,
    toRegisterVersion: null,
    reasonType: null,
    reason: null,
    proposedBy,
    proposedAt: BEFORE,
    acceptedBy: state === 'proposed' ? null : 'acceptor',
    acceptedAt: state === 'proposed' ? null : BEFORE,
    endedBy: null,
    endedAt: null,
    endReason: null,
    terms: { policyVersion: 1, ...termsWith(extensions), proposedUntil: deadline, acceptedUntil: deadline },
    waivedBy: null,
    evidence: [
      { source: 'SYSTEM', kind: 'REGISTER_ENTRY', sha256: 'ab' },
      { source: 'SYSTEM', kind: 'SESSION', sha256: 'cd', addedBy: proposedBy, addedAt: BEFORE },
      { source: 'SYSTEM', kind: 'SESSION', sha256: 'ef', addedBy: 'acceptor', addedAt: BEFORE },
    ],
    importedFrom: null,
  };
}
