/** The name of an operator in the system, for ever: lower-case ASCII letters, digits and single hyphens, beginning with a letter. */
const FORM = /^[a-z](?:-?[a-z0-9])*$/;
const MIN_LENGTH = 3;
const MAX_LENGTH = 40;

/** Words that would be taken for something else in an address or a message. */
const RESERVED = new Set(['admin', 'api', 'graphql', 'null', 'operator', 'qtm', 'root', 'system', 'unknown']);

/** What is wrong with a slug; undefined where nothing is. */
export function slugFault(slug: string): 'FORM' | 'LENGTH' | 'RESERVED' | undefined {
  if (slug.length < MIN_LENGTH || slug.length > MAX_LENGTH) return 'LENGTH';
  if (!FORM.test(slug)) return 'FORM';
  return RESERVED.has(slug) ? 'RESERVED' : undefined;
}
