import { validate } from 'uuid';

/** Whether a text has the form of a UUID: what has another form is the id of nothing. */
export function isUuid(text: string): boolean {
  return validate(text);
}
