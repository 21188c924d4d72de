import { type OwnActs, sql } from '@qtm/service-kit';
import { event } from '@qtm/service-kit/domain';
import type { TransferPolicy } from './domain/transfer-policy.ts';
import type { ObjectClass } from './object-classes.ts';

/** Brings the first policy of every class into force. Which others follow is decided by people, and no release changes them. */
export async function publishPolicies(classes: readonly ObjectClass[], acts: OwnActs): Promise<void> {
  for (const { class: id, policy } of classes) {
    if ((await acts.rows(sql`select 1 from transfer_policy where id = ${id}`)).length > 0) continue;
    const first: TransferPolicy = { id, state: 'IN_FORCE', ...policy, setBy: null, setAt: await acts.now() };
    // Where another replica publishes it at the same moment, it says the same.
    await acts.write('transfer_policy.set', [event('transfer_policy_set', 'transfer_policy', first)]);
  }
}
