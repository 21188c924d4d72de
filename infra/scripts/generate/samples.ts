import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { validatorOf } from '../check/event-rules.ts';
import { type Contract, type JsonSchema, resolveRef, type SchemaFile } from './contract.ts';
import type { Output } from './output.ts';

/** A published value, as JSON has it. */
type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
type Members = Readonly<Record<string, Value>>;

const AT = '2026-01-05T10:00:00.123456Z';
const SHA256 = 'a9491f4c1bf7b0cffbadcba2db8f028e4b3f2867cb59e1f3a0bc1968f3c51242';
/** Tried in turn where a text must be of some form. */
const TEXTS = ['sample', SHA256, 'a.b', 'x1.sample.sample.v1'];

/**
 * A first golden sample for every event that has none, from the event's own schema; one that is there stays as it is for ever. Where no
 * valid value is found, there is no sample, and the check asks for one written by hand.
 */
export function missingSamples(contract: Contract): Output {
  const ajv = validatorOf(contract);
  const samples = new Map<string, string>();
  for (const event of contract.schemas.values()) {
    if (!event.path.includes('/events/')) continue;
    const path = `test/golden/events/${event.path.replace('/events/', '/')}`;
    if (existsSync(join(contract.root, path))) continue;
    const sample = eventSample(contract, event);
    if (ajv.validate(`https://qtm.x1/schema/${event.path}`, sample)) {
      samples.set(path, `${JSON.stringify(sample, null, 2)}\n`);
    }
  }
  return samples;
}

/** The envelope with this event's own values, in the order of the envelope; what is said twice is said alike. */
function eventSample(contract: Contract, event: SchemaFile): Members {
  const sampler = new Sampler(contract);
  const own = sampler.members(event, event.schema);
  const envelope = (event.schema.allOf ?? []).map((part) => sampler.value(event, part) as Members);
  const whole: Members = Object.assign({}, ...envelope, own);
  const after = whole.state as Members;
  const newState = own.new_state ?? after.state ?? null;
  return { ...whole, aggregate_id: after.id ?? null, new_state: newState, state: { ...after, state: newState } };
}

class Sampler {
  readonly #contract: Contract;
  #ids = 0;

  constructor(contract: Contract) {
    this.#contract = contract;
  }

  members(file: SchemaFile, { properties = {} }: JsonSchema): Members {
    return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, this.value(file, schema)]));
  }

  value(file: SchemaFile, schema: JsonSchema): Value {
    if (schema.$ref !== undefined) {
      const target = resolveRef(this.#contract, file.path, schema.$ref) ?? file;
      return this.value(target, target.schema);
    }
    if (schema.const !== undefined) return schema.const as Value;
    if (schema.enum !== undefined) return schema.enum[0] as Value;
    const [first] = schema.anyOf ?? schema.oneOf ?? [];
    if (first !== undefined) return this.value(file, first);
    const types = [schema.type ?? 'object'].flat();
    if (types.includes('null')) return null;
    if (types.includes('object')) return this.members(file, schema);
    if (types.includes('array')) return [];
    if (types.includes('boolean')) return false;
    if (types.includes('string')) return this.#text(schema);
    return (schema.minimum as number | undefined) ?? 1;
  }

  #text({ format, title, pattern = '' }: JsonSchema): string {
    if (format === 'uuid') {
      this.#ids += 1;
      return `019b8d2e-7a00-7000-8000-${this.#ids.toString(16).padStart(12, '0')}`;
    }
    if (title === 'Instant') return AT;
    return TEXTS.find((text) => new RegExp(pattern).test(text)) ?? '';
  }
}
