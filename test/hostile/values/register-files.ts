import fc from 'fast-check';
import type { Draw } from './draw.ts';
import { freshId } from './fresh.ts';

/** Files of a register that was kept elsewhere, as an import takes them in. Somebody held objects there whom nobody knows here. */

const HOLDER = 'a0000000-0000-5000-8000-000000000001';
const BUYER = 'a0000000-0000-5000-8000-000000000002';
const AT = '2026-01-05T10:00:00.000000Z';
/** Few enough that a transfer's object may have been imported before. */
const OBJECTS = 4;

const objectOf = (draw: Draw) => `elsewhere-${draw(fc.integer({ min: 1, max: OBJECTS }))}`;

/** Who holds an object, since it came into being. */
export function entryFile(draw: Draw): { path: string; content: string } {
  const content = written({ identity_id: HOLDER, register_version: 1, set_by: 'elsewhere', updated_at: AT });
  return { path: `access/operators/${objectOf(draw)}.json`, content };
}

/** A transfer of one, which came to nothing. */
export function transferFile(draw: Draw): { path: string; content: string } {
  const transferId = freshId();
  const content = written({
    transfer_id: transferId,
    state: 'rejected',
    object_class: 'operator',
    object_id: objectOf(draw),
    from_identity_id: HOLDER,
    to_identity_id: BUYER,
    from_register_version: 1,
    to_register_version: null,
    reason_type: 'sale',
    reason: null,
    proposed_by: HOLDER,
    proposed_at: AT,
    accepted_by: null,
    accepted_at: null,
    ended_by: BUYER,
    ended_at: AT,
    end_reason: null,
    terms: {
      policy_version: 1,
      distinct_actors: 'strict',
      waiver_allowed: false,
      review_required: false,
      required_credentials: [],
      voidable: false,
      proposed_until: null,
      accepted_until: null,
      cool_off_s: 0,
    },
    waived_by: null,
    evidence: [],
    transitions: [transition('propose', HOLDER, null, 'proposed'), transition('reject', BUYER, 'proposed', 'rejected')],
  });
  return { path: `governance/transfers/${transferId}.json`, content };
}

function transition(command: string, actorId: string, priorState: string | null, newState: string): object {
  return {
    transition: `transfer.${command}`,
    prior_state: priorState,
    new_state: newState,
    actor_id: actorId,
    clause: 'elsewhere',
    at: AT,
    prior_holder_identity_id: HOLDER,
    evidence_sha256: [],
    event_id: freshId(),
  };
}

/** As RFC 8785 has it, for what is ASCII and holds no fractions. */
function written(file: object): string {
  return `${JSON.stringify(inOrder(file))}\n`;
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, inOrder(inner)]),
  );
}
