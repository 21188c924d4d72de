import { Visitor } from '../../harness/visitor.ts';
import { outsiders, type Person, type Sign } from './people.ts';

/** Makes the outsiders of a run, and registers those that can be. */
export async function registerOutsiders(endpoint: string, sign: Sign, run: string): Promise<readonly Person[]> {
  const people = outsiders(run);
  await Promise.all(
    people
      .filter(({ registered }) => registered)
      .map(({ subject, kind, roles }) => new Visitor(endpoint, sign, { subject, kind, roles }).register()),
  );
  return people;
}
