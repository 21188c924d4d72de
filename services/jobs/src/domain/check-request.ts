import { type Refusal, refuse } from '@qtm/service-kit/domain';
import {
  attributeNameFault,
  channelFault,
  countFault,
  degreesFault,
  type LimitCode,
  MAX_ATTRIBUTES,
  type TextField,
  textFault,
} from './limits.ts';
import { type CompleteRequest, type Given, isGiven, type SubmitRequest } from './submit-request.ts';

export type RequestFaultCode = LimitCode | 'REQUEST_INCOMPLETE' | 'ATTRIBUTE_REPEATED';
type Fault = Refusal<RequestFaultCode> | undefined;

/** The request with all it needs and nothing it must not have, or the first thing that is wrong with it. */
export function check(command: SubmitRequest): CompleteRequest | Refusal<RequestFaultCode> {
  const { surface, what, channel, actor } = command;
  const reference = actor?.reference ?? null;
  if (actor === null || !isGiven(surface) || !isGiven(what) || !isGiven(channel) || !isGiven(reference)) {
    return refuse('REQUEST_INCOMPLETE', missing(command));
  }
  const complete = { ...command, surface, what, channel, actor: { ...actor, reference } };
  return textsFault(complete) ?? placeFault(complete) ?? attributesFault(complete) ?? complete;
}

/** Every missing one by its name, so that nobody has to try four times. */
function missing({ surface, what, channel, actor }: SubmitRequest): Record<string, string> {
  const needed = { surface, what, channel, 'actor.reference': actor?.reference ?? null };
  return Object.fromEntries(
    Object.entries(needed).flatMap(([field, text]) => (isGiven(text) ? [] : [[field, 'missing']])),
  );
}

function textsFault({ what, channel, actor, category }: CompleteRequest): Fault {
  return (
    channelFault(channel) ??
    firstFault([
      ['what', what],
      ['actor.reference', actor.reference],
      ['actor.name', actor.name],
      ['actor.contact', actor.contact],
      ['category', category],
    ])
  );
}

function placeFault({ location }: CompleteRequest): Fault {
  if (location === null) return undefined;
  const { address, city, postalCode, region, latitude, longitude } = location;
  return (
    firstFault([
      ['location.address', address],
      ['location.city', city],
      ['location.postalCode', postalCode],
      ['location.region', region],
    ]) ??
    degreesFault('location.latitude', latitude ?? 0, 90) ??
    degreesFault('location.longitude', longitude ?? 0, 180)
  );
}

function attributesFault({ attributes }: CompleteRequest): Fault {
  const tooMany = countFault('attributes', attributes.length, MAX_ATTRIBUTES);
  if (tooMany !== undefined) return tooMany;
  const names = new Set<string>();
  for (const { name, value } of attributes) {
    const fault = attributeNameFault(name) ?? firstFault([['attributes.value', value]]);
    if (fault !== undefined) return fault;
    if (names.has(name)) return refuse('ATTRIBUTE_REPEATED', { name });
    names.add(name);
  }
  return undefined;
}

function firstFault(texts: readonly (readonly [TextField, string | Given | null])[]): Fault {
  for (const [field, text] of texts) {
    const fault = text === null ? undefined : textFault(field, typeof text === 'string' ? text : text.value);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
