import type { RefusalText } from '@qtm/service-kit/domain';
import type { JobRefusalCode } from './job.ts';
import type { SubmissionRefusalCode } from './submission.ts';

/** Every refusal of this service: what it tells the client, and whether the same command may be accepted later. */
export const REFUSALS: Readonly<Record<SubmissionRefusalCode | JobRefusalCode, RefusalText>> = {
  WRONG_STATE: { message: 'its state does not allow this', retryable: false },
  REQUEST_INCOMPLETE: {
    message:
      'a request says what is asked, by whom, through which channel and on which surface; the details name what is missing',
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
  ATTRIBUTE_REPEATED: { message: 'two attributes have the same name', retryable: false },
  SURFACE_UNKNOWN: { message: 'no pack is published for this surface', retryable: true },
  OPERATOR_UNKNOWN: { message: 'the operator addressed is not known here', retryable: true },
  OPERATOR_NOT_ASSIGNED: {
    message: 'the operator is neither the assignee of this job nor an active member of the pool it was assigned to',
    retryable: false,
  },
  SERVICE_EVENT_NOT_COMPLETED: {
    message: 'the service event of this job is not completed; complete it first',
    retryable: true,
  },
  SERVICE_EVENT_NOT_ABORTED: {
    message: 'this job was started; it can be canceled once its service event is aborted',
    retryable: true,
  },
};
