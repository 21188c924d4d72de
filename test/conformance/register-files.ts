import { canonicalJson } from '@qtm/service-kit';

/** Files of a register that was kept elsewhere, of the right form. */
export interface RegisterFile {
  readonly path: string;
  readonly content: string;
}

const file = (path: string, says: object): RegisterFile => ({ path, content: `${canonicalJson(says)}\n` });

/** An instant that every database's clock has passed. */
const THEN = '2026-01-01T00:00:00.000000Z';

/** Who holds an operator, as another register said it at its beginning. */
export function entryFile(operator: string, holderId: string, change: object = {}): RegisterFile {
  const said = { identity_id: holderId, register_version: 1, set_by: 'another register', updated_at: THEN };
  return file(`access/operators/${operator}.json`, { ...said, ...change });
}

/** A transfer of an operator from one identity to another; proposed where nothing else is said. */
export function transferFile(id: string, operator: string, from: string, to: string, change: object = {}) {
  return file(`governance/transfers/${id}.json`, {
    transfer_id: id,
    state: 'proposed',
    object_class: 'operator',
    object_id: operator,
    from_identity_id: from,
    to_identity_id: to,
    from_register_version: 1,
    to_register_version: null,
    reason_type: null,
    reason: null,
    proposed_by: from,
    proposed_at: THEN,
    accepted_by: null,
    accepted_at: null,
    ended_by: null,
    ended_at: null,
    end_reason: null,
    terms: {
      policy_version: 1,
      distinct_actors: 'strict',
      waiver_allowed: true,
      review_required: false,
      required_credentials: [],
      voidable: true,
      proposed_until: null,
      accepted_until: null,
      cool_off_s: 0,
    },
    waived_by: null,
    evidence: [],
    transitions: [],
    ...change,
  });
}

/** Which transfer an index says to hold an operator. */
export const indexFile = (operator: string, transferId: string): RegisterFile =>
  file(`governance/transfer-index/${operator}.json`, { transfer_id: transferId });
