/** What only the inside of a process says, and how it is told from what a client sent and gets back. */
const INSIDE: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a stack trace', /\bat (?:async )?(?:[\w$.<>]+ \()?(?:file:\/\/|node:|\/)[^\s"]*:\d+:\d+/],
  ['a stack trace', /"stack(?:trace)?"\s*:/i],
  ['a path', /(?:file:\/\/\/|\/(?:home|root|work|tmp|usr|var|opt|app|srv)\/)[\w.@-]+\/[\w./@-]*/],
  ['a path', /\bnode_modules\b|\b(?:services|infra|gateway)\/[\w-]+\/(?:src|node_modules)\b/],
  ['SQL', /\bselect\s+[\w".*]+(?:\s*,\s*[\w".*]+)*\s+from\s+"?\w+"?\s+(?:where|join|order|limit|for)\b/i],
  ['SQL', /\binsert\s+into\s+"?\w+"?\s*\(|\bupdate\s+"?\w+"?\s+set\s+\w+\s*=/i],
  [
    'the database',
    /\b(?:syntax error at or near|violates (?:\w+(?: |-))+constraint|duplicate key value|invalid input syntax)/i,
  ],
  ['the database', /\b(?:relation|column|function|role|database) \\?"[\w.()]+\\?" (?:does not|of relation|already)/i],
  [
    'the database',
    /\b(?:invalid byte sequence|out of range for type|permission denied for|current transaction is aborted)/i,
  ],
  ['the database', /\bpg_(?!sleep)\w+|\bpostgres(?:ql)?:\/\/|\bSQLSTATE\b/i],
  [
    'an address',
    /\b(?:127\.0\.0\.1|localhost|::1):\d{2,5}\b(?!\/[A-Za-z]*qtmforged)|\bE(?:CONNREFUSED|CONNRESET|PIPE|TIMEDOUT)\b/,
  ],
  ['a secret', /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/],
];

/** What of the inside of a process a text shows. */
export function leaksIn(text: string): readonly string[] {
  return INSIDE.flatMap(([what, pattern]) => {
    const [found] = pattern.exec(text) ?? [];
    return found === undefined ? [] : [`${what}: ${found.slice(0, 120)}`];
  });
}
