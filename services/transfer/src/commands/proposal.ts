import { hasAnyRole } from '@qtm/relations';
import { command, fact, type Grounds, locked, type Session, sql, withReason } from '@qtm/service-kit';
import * as rules from '../domain/propose.ts';
import { entryId } from '../domain/register-entry.ts';
import type { Transfer } from '../domain/transfer.ts';
import type { ProposeTransferInput } from '../generated/graphql.ts';
import type { ObjectClass } from '../object-classes.ts';
import { registerEntries, transfers } from '../store.ts';
import { activeTransferOf, hashOf, objectOf, openImport, partyOf, policyOf, told } from './facts.ts';

/** Proposes a transfer of an object of one of these classes. */
export function proposal(classes: ReadonlyMap<string, ObjectClass>) {
  const facts = ({ objectClass, objectId, toIdentityId }: ProposeTransferInput, session: Session) => ({
    // Locked, so that a proposal and a completion of one object follow on each other.
    entry: locked(registerEntries, entryId(objectClass, objectId)),
    policy: policyOf(objectClass),
    openImport: openImport(),
    object: objectOf(classes.get(objectClass), objectId),
    target: partyOf(toIdentityId),
    activeTransfer: activeTransferOf(entryId(objectClass, objectId)),
    bySuperAdmin: fact(sql`select ${hasAnyRole(session, ['super_admin'])} as holds`, ([row]) => row?.holds === true),
  });
  type Rests = ReturnType<typeof facts>;

  return command<ProposeTransferInput, Transfer, Rests, 'reason'>({
    transition: 'transfer.propose',
    aggregate: transfers,
    subject: null,
    facts,
    conditions: {
      holds_object: ({ facts: { entry }, session }: Grounds<ProposeTransferInput, Transfer, Rests>) =>
        entry?.value.holderIdentityId === session.identityId,
    },
    ...withReason,
    decide({
      input,
      facts: { entry, policy, openImport, object, target, activeTransfer, bySuperAdmin },
      personal,
      by,
      session,
      now,
      newId,
    }) {
      const { objectClass, toIdentityId, reasonType, evidence } = input;
      return rules.propose(
        {
          id: newId(),
          toIdentityId,
          reasonType: reasonType ?? null,
          reason: personal.reason,
          evidence: evidence ?? [],
          by,
          now,
        },
        {
          policy,
          entry: entry?.value,
          openImport,
          object: told(object),
          endedStates: classes.get(objectClass)?.ended ?? [],
          target: told(target),
          activeTransfer,
          bySuperAdmin,
          entrySha256: hashOf(entry?.value ?? {}),
          sessionSha256: session.sessionHash,
        },
      );
    },
  });
}
