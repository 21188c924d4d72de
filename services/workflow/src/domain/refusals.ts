import type { RefusalText } from '@qtm/service-kit/domain';
import type { CompletionRefusalCode } from './completion.ts';
import type { CorrectionRefusalCode } from './correction.ts';
import type { EvidenceRefusalCode } from './evidence.ts';
import type { PackRefusalCode } from './pack.ts';
import type { ServiceEventRefusalCode } from './service-event.ts';

export type RefusalCode =
  | ServiceEventRefusalCode
  | CompletionRefusalCode
  | EvidenceRefusalCode
  | CorrectionRefusalCode
  | PackRefusalCode;

/** Every refusal of this service: what it tells the client, and whether the same command may be accepted later. */
export const REFUSALS: Readonly<Record<RefusalCode, RefusalText>> = {
  WRONG_STATE: { message: 'its state does not allow this', retryable: false },
  NOT_NEXT_STAGE: {
    message: 'only the stage that follows the current one can be entered; the details name both',
    retryable: false,
  },
  NOT_LAST_STAGE: {
    message: 'it can be completed at the last stage of its pack only; the details name the stage that follows',
    retryable: true,
  },
  EVIDENCE_MISSING: {
    message: 'the pack requires evidence that is not there; the details say which and how much of it there is',
    retryable: true,
  },
  OUTCOME_NOT_IN_PACK: { message: 'the pack has no such outcome; the details name those it has', retryable: false },
  STAGE_NOT_CURRENT: { message: 'evidence is attached at the current stage, which the details name', retryable: false },
  STAGE_NOT_IN_PACK: { message: 'the pack has no such stage; the details name those it has', retryable: false },
  EVIDENCE_EMPTY: { message: 'nothing of what this kind of evidence consists of is given', retryable: false },
  EVIDENCE_INCOMPLETE: {
    message: 'evidence that a correction adds must be complete; the details say which piece is not',
    retryable: false,
  },
  FIELD_NOT_OF_KIND: { message: 'this kind of evidence has no such field; the details name both', retryable: false },
  MEDIA_TYPE_NOT_OF_KIND: { message: 'this kind of evidence is no file of such a media type', retryable: false },
  CAPTURED_IN_FUTURE: { message: 'it cannot have been captured after now', retryable: false },
  RECORD_SUPERSEDED: {
    message: 'another record supersedes this one already; correct that one, which the details name',
    retryable: false,
  },
  LIMIT_EXCEEDED: {
    message: 'a value is beyond its limit; the details say which and what the limit is',
    retryable: false,
  },
  TEXT_NOT_ALLOWED: {
    message: 'a text has characters that it must not have; the details say which text',
    retryable: false,
  },
  TEXT_MISSING: { message: 'a text is blank; the details say which', retryable: false },
  VALUE_MALFORMED: {
    message: 'a value is not of its form; the details say which and what the form is',
    retryable: false,
  },
  PACK_CHANGED: { message: 'this version of the pack is published with another content', retryable: false },
};
