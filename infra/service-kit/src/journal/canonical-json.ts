import canonicalize from 'canonicalize';

/**
 * The one text of a JSON value (RFC 8785). Members that are undefined are left out.
 * @throws TypeError for what JSON cannot say
 */
export function canonicalJson(value: object): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('JSON has no form for this value');
  return text;
}
