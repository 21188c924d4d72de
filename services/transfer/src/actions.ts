import { type Action, action } from '@qtm/service-kit';
import type { Mutations } from './commands/index.ts';
import type {
  VersionedRegisterEntry,
  VersionedRegisterImport,
  VersionedTransfer,
  VersionedTransferPolicy,
} from './generated/states.ts';

const ofTransfer = ({ id: transferId }: VersionedTransfer) => ({ transferId });
const ofObject = ({ objectClass, objectId }: VersionedRegisterEntry) => ({ objectClass, objectId });
const ofClass = ({ id: objectClass, distinctActors }: VersionedTransferPolicy) => ({ objectClass, distinctActors });

/** Stands in for what a party would give. */
const DOCUMENT = { kind: 'DOCUMENT', sha256: '0'.repeat(64) } as const;

/** What one can do to transfers, to objects of the register, and to policies. */
export function actionsOf(commands: Mutations) {
  const transfer: readonly Action<VersionedTransfer>[] = [
    action(commands.acceptTransfer, ofTransfer),
    action(commands.rejectTransfer, ofTransfer),
    action(commands.cancelTransfer, ofTransfer),
    action(commands.completeTransfer, ofTransfer),
    action(commands.voidTransfer, ofTransfer, { reason: '' }, ['REASON_MISSING']),
    action(commands.addTransferEvidence, ofTransfer, { evidence: [DOCUMENT] }),
  ];
  const registerEntry: readonly Action<VersionedRegisterEntry>[] = [
    action(commands.proposeTransfer, ofObject, { toIdentityId: '' }, ['IDENTITY_UNKNOWN']),
    action(commands.lockObject, ofObject),
    action(commands.unlockObject, ofObject),
  ];
  const transferPolicy: readonly Action<VersionedTransferPolicy>[] = [action(commands.setTransferPolicy, ofClass)];
  const registerImport: readonly Action<VersionedRegisterImport>[] = [
    action(commands.closeRegisterImport, ({ id: importId }: VersionedRegisterImport) => ({ importId })),
  ];
  return { transfer, registerEntry, transferPolicy, registerImport };
}
