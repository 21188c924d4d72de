import { describe, expect, test } from 'vitest';
import { sql } from '../database/statement.ts';
import type { Session } from '../process/session.ts';
import { aggregate } from './aggregate.ts';

const HUMAN: Session = {
  identityId: '019b8d2e-7a00-7000-8000-000000000001',
  issuer: 'https://issuer.example',
  subject: 'somebody',
  kind: 'HUMAN',
  roles: [],
  sessionHash: '',
  authTime: 0,
  acr: null,
  expiresAt: 0,
};
const AGENT: Session = { ...HUMAN, kind: 'AGENT' };

const DEFINITION = {
  type: 'thing',
  visibleTo: () => sql`seen`,
  detailTo: () => sql`seen_whole`,
  personalTo: () => sql`of_people`,
  reasonsTo: () => sql`why`,
};
const NEVER = 'false';

/** What an aggregate lets a session see, as text. */
function shownTo(session: Session, of: ReturnType<typeof aggregate>) {
  const { visibleTo, detailTo, personalTo, reasonsTo } = of;
  return [visibleTo, detailTo, personalTo, reasonsTo].map((predicate) => predicate(session).text);
}

describe('what an aggregate shows', () => {
  const closed = aggregate(DEFINITION);
  const open = aggregate({ ...DEFINITION, agentsSee: true });

  test.each([closed, open])('is what its predicates say, to whoever is no agent', (of) => {
    expect(shownTo(HUMAN, of)).toEqual(['seen', 'seen_whole', 'of_people', 'why']);
  });

  test('is nothing to an agent, unless it says otherwise', () => {
    expect(shownTo(AGENT, closed)).toEqual([NEVER, NEVER, NEVER, NEVER]);
  });

  test('is never anything of people to an agent, nor why', () => {
    expect(shownTo(AGENT, open)).toEqual(['seen', 'seen_whole', NEVER, NEVER]);
  });

  test.each([true, undefined] as const)(
    'is shown whole where nothing is said of details: agentsSee %s',
    (agentsSee) => {
      const of = aggregate({ type: 'thing', visibleTo: () => sql`seen`, ...(agentsSee && { agentsSee }) });
      expect(of.detailTo).toBe(of.visibleTo);
    },
  );
});
