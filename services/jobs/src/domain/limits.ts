import { type Refusal, refuse, type TextFaultCode, textFault as textFaultOf } from '@qtm/service-kit/domain';

export type LimitCode = TextFaultCode;

/** Most characters (Unicode code points) of each text of a request. */
export const MAX_LENGTH = {
  what: 20_000,
  channel: 64,
  category: 200,
  'actor.reference': 200,
  'actor.name': 500,
  'actor.contact': 500,
  'location.address': 500,
  'location.city': 200,
  'location.postalCode': 32,
  'location.region': 200,
  'attributes.value': 4_000,
} as const;

export type TextField = keyof typeof MAX_LENGTH;

export const MAX_ATTRIBUTES = 50;

/** These stand in topics as they are, so they are words of a system and never sentences of a person. */
const CHANNEL = /^[\p{L}\p{N}][\p{L}\p{N} _.:/-]*$/u;
const ATTRIBUTE_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** What forbids to keep a text of a request. */
export function textFault(field: TextField, text: string): Refusal<LimitCode> | undefined {
  return textFaultOf(field, text, MAX_LENGTH[field]);
}

export function channelFault(channel: string): Refusal<LimitCode> | undefined {
  return textFault('channel', channel) ?? (CHANNEL.test(channel) ? undefined : notAllowed('channel'));
}

export function attributeNameFault(name: string): Refusal<LimitCode> | undefined {
  return ATTRIBUTE_NAME.test(name) ? undefined : notAllowed('attributes.name');
}

/** `bound` in degrees, on both sides of zero. */
export function degreesFault(field: string, degrees: number, bound: number): Refusal<LimitCode> | undefined {
  if (Math.abs(degrees) <= bound) return undefined;
  return refuse('LIMIT_EXCEEDED', { field, limit: `-${bound} to ${bound} degrees` });
}

export function countFault(field: string, count: number, limit: number): Refusal<LimitCode> | undefined {
  return count <= limit ? undefined : refuse('LIMIT_EXCEEDED', { field, limit: `${limit} entries` });
}

function notAllowed(field: string): Refusal<LimitCode> {
  return refuse('TEXT_NOT_ALLOWED', { field });
}
