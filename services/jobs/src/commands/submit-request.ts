import { operatorOf } from '@qtm/relations';
import { canonicalJson, command, type Decider, fact, type Session, sql } from '@qtm/service-kit';
import type { Request } from '../domain/request.ts';
import { decide } from '../domain/submission.ts';
import type { Given, GivenActor, GivenLocation, SubmitRequest } from '../domain/submit-request.ts';
import type { RequestActorInput, RequestLocationInput, SubmitRequestInput } from '../generated/graphql.ts';
import { requests } from '../store.ts';

export const submitRequest = command<SubmitRequestInput, Request, ReturnType<typeof factsOf>, string>({
  transition: 'request.submit',
  aggregate: requests,
  subject: null,
  facts: factsOf,
  conditions: {
    system_origin: ({ session, input }) => session.kind === 'SERVICE' && input.origin === 'SYSTEM',
    origin_fits_principal: ({ session, input }) => (session.kind === 'SERVICE') === (input.origin === 'SYSTEM'),
  },
  personal: ({ what, actor, location, attributes }) => ({
    what,
    location: locationText(location),
    contact: actor?.contact,
    actorContact: actor?.contact,
    actorReference: actor?.reference,
    actorName: actor?.name,
    ...Object.fromEntries((attributes ?? []).map(({ value }, index) => [attributeField(index), value])),
  }),
  decide(decider) {
    const { pack, knownActor, newActor, addressee } = decider.facts;
    return decide(submissionOf(decider), {
      packVersion: pack,
      knownActorId: knownActor === newActor ? null : knownActor,
      addresseeKnown: addressee !== undefined,
    });
  },
});

function factsOf(input: SubmitRequestInput, session: Session, newId: () => string) {
  const reference = input.actor?.reference ?? '';
  const actorId = newId();
  const digest = sql`sha256(convert_to(${reference}, 'UTF8'))`;
  return {
    // A pack never changes once it is published, so it is never too old.
    pack: fact(
      sql`select source, type, id, epoch, version, unknown, (published ->> 'version')::integer as pack_version
        from known_aggregate where source = 'workflow' and type = 'pack' and published ->> 'surface' = ${input.surface ?? ''}
          and not unknown order by (published ->> 'version')::integer desc limit 1`,
      ([row]): number | null => row?.pack_version ?? null,
    ),
    addressee: operatorOf(input.addressedTo ?? ''),
    // Takes the reference for a new actor; where it is taken, the row says whose it is. A first request beside this one is waited for.
    newActor: fact(
      reference === ''
        ? sql`select 1`
        : sql`insert into actor_reference (identity_id, reference_digest, actor_id)
            values (${session.identityId}, ${digest}, ${actorId}) on conflict do nothing`,
      () => actorId,
    ),
    knownActor: fact(
      sql`select actor_id from actor_reference where identity_id = ${session.identityId} and reference_digest = ${digest}`,
      ([row]): string | null => row?.actor_id ?? null,
    ),
  };
}

/** The input in the words of the rules: every personal text with the reference that stands for it. */
function submissionOf({
  input,
  facts,
  personal,
  by,
  now,
  newId,
}: Decider<SubmitRequestInput, Request, ReturnType<typeof factsOf>, string>): SubmitRequest {
  const given = (field: string, value: string | null | undefined): Given | null => {
    const ref = personal[field];
    return value == null || ref == null ? null : { value, personal: ref };
  };
  const { actor, location } = input;
  return {
    type: 'submit',
    now,
    by,
    ids: { request: newId(), intake: newId(), task: newId(), actor: facts.newActor },
    surface: input.surface ?? null,
    what: given('what', input.what),
    channel: input.channel ?? null,
    actor: actor == null ? null : actorOf(actor, given),
    contact: given('contact', actor?.contact),
    origin: input.origin ?? 'ACTOR',
    category: input.category ?? null,
    location: location == null ? null : locationOf(location, given('location', locationText(location))),
    attributes: (input.attributes ?? []).flatMap(({ name, value }, index) => {
      const text = given(attributeField(index), value);
      return text === null ? [] : [{ name, value: text }];
    }),
    routingOrigin: input.routingOrigin ?? null,
    addressedTo: input.addressedTo ?? null,
    dueAt: input.dueAt ?? null,
  };
}

type Giving = (field: string, value: string | null | undefined) => Given | null;

function actorOf({ reference, kind, name, contact }: RequestActorInput, given: Giving): GivenActor {
  return {
    reference: given('actorReference', reference),
    kind: kind ?? 'PERSON',
    name: given('actorName', name),
    contact: given('actorContact', contact),
  };
}

function locationOf(location: RequestLocationInput, text: Given | null): GivenLocation {
  return {
    address: location.address ?? null,
    city: location.city ?? null,
    postalCode: location.postalCode ?? null,
    region: location.region ?? null,
    latitude: location.latitude ?? null,
    longitude: location.longitude ?? null,
    personal: text?.personal ?? null,
  };
}

/** The parts that were given as one text, kept as one personal value; null where there are none. */
function locationText(location: RequestLocationInput | null | undefined): string | null {
  const parts = Object.entries(location ?? {}).filter(([, part]) => part != null);
  return parts.length === 0 ? null : canonicalJson(Object.fromEntries(parts));
}

function attributeField(index: number): string {
  return `attribute${index}`;
}
