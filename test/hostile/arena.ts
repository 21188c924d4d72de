import type { Door } from './attempt.ts';
import type { Contract, Operation } from './contract.ts';
import { chance, type Draw, oneOf } from './values/draw.ts';
import { freshSlug } from './values/fresh.ts';
import type { Ids } from './values/sound.ts';
import { isAgent, type Person, type Sessions, type Sign } from './world/people.ts';
import type { World } from './world/plant.ts';
import type { Candidate, Supply } from './world/supply.ts';

/** Everything an attack needs to know of the system and the world in it. */
export interface Arena {
  readonly contract: Contract;
  readonly world: World;
  readonly supply: Supply;
  readonly sessions: Sessions;
  readonly sign: Sign;
  /** The issuer's key, as it publishes it. */
  readonly publicJwk: Readonly<Record<string, unknown>>;
  readonly outsiders: readonly Person[];
  readonly gateway: Door;
  /** By name of the service. */
  readonly services: ReadonlyMap<string, Door>;
}

const NEWEST = 3;

/** The doors an operation can be sent to: the gateway, and past it the service that answers it. */
export function doorsOf({ gateway, services }: Arena, { service }: Operation): readonly Door[] {
  const own = services.get(service);
  return own === undefined ? [gateway] : [gateway, own];
}

/** What a service must be told by whoever stands in front of it: how long it may wait for facts. */
const WAIT_BUDGET = { 'qtm-deadline-ms': '2000' };

/** Headers of a person's requests. */
export async function headersOf(arena: Arena, person: Person, door: Door): Promise<Record<string, string>> {
  const authorization = `Bearer ${await arena.sessions.token(person)}`;
  return { authorization, ...(door === arena.gateway ? {} : WAIT_BUDGET) };
}

/**
 * Ids for a person who tries what is not theirs: rows of the two operators over which they have no power. Whoever governs the network
 * may do anything with most rows, so commands of theirs are about the third operator's; what they read may be anything.
 */
export function othersIds(arena: Arena, draw: Draw, person: Person, { kind }: Operation): Ids {
  const { supply } = arena;
  const free = freeIds(arena, draw);
  if (kind === 'mutation' && governsNetwork(person)) return free;
  return {
    of(type, field) {
      const others = supply.planted(type).filter(({ id }) => !isTheirs(arena, person, id));
      const known = chance(draw, 75) ? oneOf(draw, others)?.id : undefined;
      return known ?? (chance(draw, 80) ? free.of(type, field) : undefined);
    },
  };
}

/**
 * Ids with which anything may be done.
 * @param prefer which of the rows of a type, where there are such
 */
export function freeIds(
  { supply, world }: Arena,
  draw: Draw,
  prefer: (field: string, row: Candidate) => boolean = () => true,
): Ids {
  return {
    of(type, field) {
      if (type === 'Operator') return operatorFor(field);
      const rows = supply.free(type);
      const preferred = rows.filter((row) => prefer(field, row));
      const from = preferred.length > 0 && chance(draw, 90) ? preferred : rows;
      return newestOfAState(from);
    },
  };

  /** Any state, so that rare ones are tried as often; of it the newest, which has not been used up yet. */
  function newestOfAState(rows: readonly Candidate[]): string | undefined {
    const state = oneOf(draw, [...new Set(rows.map((row) => row.state))]);
    const inIt = rows.filter((row) => row.state === state);
    return oneOf(draw, chance(draw, 70) ? inIt.slice(0, NEWEST) : inIt)?.id;
  }

  /** Commands on operators themselves, and on who holds them, are never about the third one, or its people could do nothing any more. */
  function operatorFor(field: string): string {
    if (field !== 'slug' && field !== 'objectId')
      return chance(draw, 80) ? world.sandbox : (spare(field) ?? world.sandbox);
    return (field === 'objectId' || chance(draw, 60) ? spare(field) : undefined) ?? freshSlug();
  }

  function spare(field: string): string | undefined {
    const rows = supply.free('Operator').filter(({ id }) => id !== world.sandbox);
    // What was accepted in one state may be accepted in others, too.
    const preferred = chance(draw, 80) ? rows.filter((row) => prefer(field, row)) : [];
    return newestOfAState(preferred.length > 0 ? preferred : rows);
  }
}

/** Roles under which all work is seen: what they list changes while others work. */
const NETWORK = ['admin_governor', 'super_admin', 'auditor', 'executive', 'clo_reviewer'];

/** Whether nobody changes meanwhile what this person sees: everybody's lists but those of who sees all work, or how authority moves. */
export function seesOnlyStillLists(person: Person): boolean {
  return !isAgent(person) && !person.roles.some((role) => NETWORK.includes(role));
}

function governsNetwork(person: Person): boolean {
  const { kind, roles } = person;
  return kind === 'HUMAN' && !isAgent(person) && (roles.includes('admin_governor') || roles.includes('super_admin'));
}

function isTheirs({ world }: Arena, { of }: Person, id: string): boolean {
  if (of === undefined) return false;
  const { operator } = of;
  return id.split(':').includes(operator) || world.canaries.ids.get(id)?.name.startsWith(operator) === true;
}
