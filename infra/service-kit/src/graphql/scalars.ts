import { GraphQLScalarType } from 'graphql';
import { badUserInput } from '../command/errors.ts';

const SLUG = /^[a-z](?:-?[a-z0-9])*$/;
const SHA256 = /^[0-9a-f]{64}$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,6})\d*)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * An instant in its one form: UTC, six fraction digits. Accepts any offset and any number of fraction digits, of which six count.
 * @throws Error where the text is no instant of RFC 3339, names a day or an hour there is not, or in UTC is before year 0 or after 9999
 */
export function instantOf(value: string): string {
  const [, local = '', fraction = '', offset] = INSTANT.exec(value) ?? [];
  // Date takes the 30th of February for the 2nd of March.
  const exists = utcOf(`${local}Z`) === local;
  const utc = utcOf(`${local}${offset}`);
  // Years of other than four digits have a sign, and text order would no longer be time order.
  if (!exists || utc === undefined || !/^\d/.test(utc)) {
    throw new Error('not an instant such as 2026-01-05T10:00:00.123456Z');
  }
  return `${utc}.${fraction.padEnd(6, '0')}Z`;
}

/** Date and time to the second, in UTC; undefined where there is none. */
function utcOf(text: string): string | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().replace(/\.\d+Z$/, '');
}

function matching(form: RegExp, example: string) {
  return (value: string): string => {
    if (!form.test(value)) throw new Error(`not of the form ${example}`);
    return value;
  };
}

function scalar(name: string, read: (value: string) => string): GraphQLScalarType {
  const parse = (value: unknown): string => {
    try {
      if (typeof value !== 'string') throw new Error('not a text');
      return read(value);
    } catch (cause) {
      throw badUserInput(`${name}: ${(cause as Error).message}`);
    }
  };
  return new GraphQLScalarType({
    name,
    serialize: String,
    parseValue: parse,
    parseLiteral: (node) => parse('value' in node ? node.value : undefined),
  });
}

/** How the scalars of the shared schema are read; what is stored has their form already. */
export const SCALARS = {
  DateTime: scalar('DateTime', instantOf),
  Sha256: scalar('Sha256', matching(SHA256, '64 lower-case hexadecimal digits')),
  Slug: scalar('Slug', matching(SLUG, 'lower-case letters, digits and single hyphens, such as north-crew')),
};
