import type { Visitor } from '../../harness/visitor.ts';
import type { Canaries, Dealing } from './canaries.ts';

export interface Shop {
  readonly canaries: Canaries;
  /** Slug of the operator. */
  readonly slug: string;
  /** The people of the operator by what they are to it, and their identities. */
  readonly visitor: (standing: 'HOLDER' | 'EXECUTE' | 'MEMBER') => Visitor;
  readonly identity: (standing: 'HOLDER' | 'EXECUTE' | 'MEMBER') => string | undefined;
}

/** Two transfers of one operator among its own people: one that was rejected, and one that is proposed. */
export async function plantTransfers({ canaries, slug, visitor, identity }: Shop): Promise<void> {
  const holder = visitor('HOLDER');

  async function propose(name: string, to: 'EXECUTE' | 'MEMBER'): Promise<readonly [Dealing, string]> {
    const dealing: Dealing = { name: `${slug} ${name}`, parties: [`${slug} HOLDER`, `${slug} ${to}`] };
    const reason = canaries.plant('motive', dealing);
    const proposal = { objectClass: 'operator', objectId: slug, toIdentityId: identity(to), reason };
    const { transfer } = await holder.mutate('proposeTransfer', proposal, 'transfer { id }');
    canaries.plantIds(dealing, [transfer.id]);
    return [dealing, transfer.id];
  }

  const [rejected, transferId] = await propose('rejected transfer', 'EXECUTE');
  const reason = canaries.plant('motive', rejected);
  await visitor('EXECUTE').learn(holder).mutate('rejectTransfer', { transferId, reason });
  await propose('proposed transfer', 'MEMBER');
}

/**
 * Takes over a register without a file, as long as this one is empty: what is planted here afterwards would forbid it, and could not be
 * planted while an import is open. Where an earlier run left something, it is refused.
 */
export async function plantImport(superAdmin: Visitor): Promise<void> {
  const input = { manifestSha256: 'a'.repeat(64) };
  const { data } = await superAdmin.attempt('openRegisterImport', input, 'registerImport { id }');
  const importId = data?.openRegisterImport?.registerImport?.id;
  if (importId !== undefined) await superAdmin.mutate('closeRegisterImport', { importId });
}
