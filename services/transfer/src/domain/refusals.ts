import type { RefusalText } from '@qtm/service-kit/domain';
import type { ImportEntryRefusalCode } from './import-entry.ts';
import type { ImportTransferRefusalCode } from './import-transfer.ts';
import type { MoveRefusalCode } from './move.ts';
import type { ProposeRefusalCode } from './propose.ts';
import type { RegisterEntryRefusalCode } from './register-entry.ts';
import type { RegisterImportRefusalCode } from './register-import.ts';
import type { PolicyRefusalCode } from './transfer-policy.ts';

/** `uniqueRules` of the service gives it: an onboarding and an import of one object meet in the database. */
type RacedRefusalCode = 'OBJECT_ENTERING';

type RefusalCode =
  | ProposeRefusalCode
  | MoveRefusalCode
  | RegisterEntryRefusalCode
  | PolicyRefusalCode
  | RegisterImportRefusalCode
  | ImportEntryRefusalCode
  | ImportTransferRefusalCode
  | RacedRefusalCode;

/** Every refusal of this service: what it tells the client, and whether the same command may be accepted later. */
export const REFUSALS: Readonly<Record<RefusalCode, RefusalText>> = {
  WRONG_STATE: { message: 'its state does not allow this', retryable: false },
  OBJECT_CLASS_UNKNOWN: { message: 'no objects of this class are governed here', retryable: false },
  OBJECT_UNKNOWN: { message: 'the register has no such object', retryable: true },
  OBJECT_NOT_TRANSFERABLE: {
    message: 'the state of the object does not allow that it is transferred',
    retryable: false,
  },
  OBJECT_LOCKED: { message: 'its holder forbids that the object be proposed for transfer', retryable: true },
  LOCKS_NOT_ALLOWED: { message: 'the policy of the class does not allow locks', retryable: false },
  ALREADY_HOLDER: { message: 'this identity holds the object already', retryable: false },
  IDENTITY_UNKNOWN: { message: 'no identity of this id is registered', retryable: true },
  IDENTITY_NOT_HUMAN: { message: 'authority is held by a human', retryable: false },
  IDENTITY_NOT_ACTIVE: { message: 'the identity it goes to is not active', retryable: true },
  TRANSFER_ACTIVE: {
    message: 'another transfer of this object is proposed or accepted; it must end first',
    retryable: true,
  },
  RECOVERY_BY_SUPER_ADMIN_ONLY: {
    message: 'the policy of the class has recovery proposed by a super_admin alone',
    retryable: false,
  },
  DEADLINE_PASSED: { message: 'its deadline has passed; propose another transfer', retryable: false },
  DEADLINE_NOT_PASSED: { message: 'its deadline has not passed', retryable: true },
  DEADLINES_CONTRADICT: {
    message: 'what is accepted at the last moment must be left time to cool off and to be completed before it expires',
    retryable: false,
  },
  COOLING_OFF: { message: 'it cannot be completed yet; the details say from when', retryable: true },
  REVIEW_MISSING: { message: 'the governance task of its acceptance has not been reviewed', retryable: true },
  REASON_MISSING: { message: 'it takes a reason', retryable: false },
  EVIDENCE_KIND_NOT_ALLOWED: { message: 'evidence of this kind is made by the system', retryable: false },
  LIMIT_EXCEEDED: {
    message: 'a value is beyond its limit; the details say which and what the limit is',
    retryable: false,
  },
  IMPORT_OPEN: { message: 'an import is open; it must be closed first', retryable: false },
  IMPORT_NOT_OPEN: { message: 'no import of this id is open', retryable: false },
  REGISTER_NOT_EMPTY: {
    message:
      'the register is imported into before anything is decided in it; it has transfers, or entries that are no onboardings',
    retryable: false,
  },
  FILE_MALFORMED: {
    message: 'the file is not of the form that the layout gives it; the details say where',
    retryable: false,
  },
  FILE_CONTRADICTS: {
    message: 'what the file says cannot be, by itself or beside what was imported; the details say what',
    retryable: false,
  },
  ALREADY_IMPORTED: { message: 'this file was imported before', retryable: false },
  ENTRY_NOT_IMPORTED: { message: 'the entry of its object must be imported first', retryable: false },
  HOLDER_DIFFERS: {
    message: 'the register names another holder since the onboarding; an import moves no authority, a transfer does',
    retryable: false,
  },
  OBJECT_ENTERING: { message: 'the object enters the register at this moment; repeat it', retryable: true },
};
