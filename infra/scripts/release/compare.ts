import type { Change } from './change.ts';
import { graphChanges } from './graph-changes.ts';
import { type MatrixRow, type Release, SHARED } from './promises.ts';
import { schemaChanges } from './schema-changes.ts';

/** Everything in which `after` differs from `before`, what breaks first. */
export async function compareReleases(before: Release, after: Release): Promise<Change[]> {
  const changes = [...serviceChanges(before, after), ...allSchemaChanges(before, after)];
  const names = [SHARED, ...Object.keys(after.namespaces)].filter((name) => before.graphs.has(name));
  for (const name of names) {
    changes.push(...(await graphChanges(before, after, name)));
    changes.push(...authorityChanges(name, before.matrices.get(name) ?? [], after.matrices.get(name) ?? []));
  }
  const rank = { breaking: 0, additive: 1, authority: 2 };
  return changes.sort((a, b) => rank[a.level] - rank[b.level]);
}

function serviceChanges(before: Release, after: Release): Change[] {
  const where = (name: string) => `schema/namespaces.json: ${name}`;
  const gone = Object.entries(before.namespaces).flatMap(([name, namespace]): Change[] => {
    const now = after.namespaces[name];
    if (now === namespace) return [];
    if (now === undefined) return [{ level: 'breaking', where: where(name), what: 'the service is gone' }];
    const what = `its namespace is ${now}, and was ${namespace}: topic and event types follow from it`;
    return [{ level: 'breaking', where: where(name), what }];
  });
  const added = Object.keys(after.namespaces).filter((name) => !(name in before.namespaces));
  return [...gone, ...added.map((name): Change => ({ level: 'additive', where: where(name), what: 'a new service' }))];
}

function allSchemaChanges(before: Release, after: Release): Change[] {
  const paths = [...new Set([...before.schemas.keys(), ...after.schemas.keys()])].sort();
  return paths.flatMap((path): Change[] => {
    const [was, is] = [before.schemas.get(path), after.schemas.get(path)];
    const where = `schema/${path}`;
    const kind = path.includes('/events/') ? 'event' : 'schema';
    if (is === undefined) return [{ level: 'breaking', where, what: `the ${kind} is gone` }];
    if (was === undefined) {
      return ofNewService(before, path) ? [] : [{ level: 'additive', where, what: `a new ${kind}` }];
    }
    return schemaChanges(was, is).map(({ level, at, what }) => ({ level, where: joined(where, at), what }));
  });
}

function ofNewService(before: Release, path: string): boolean {
  const [folder = '', ...below] = path.split('/');
  return below.length > 0 && folder !== SHARED && !(folder in before.namespaces);
}

function joined(where: string, at: string): string {
  return at === '' ? where : `${where}: ${at}`;
}

/** Who may do what is decided by people and announced by each service's own event; it is told, and never counted as a break. */
function authorityChanges(service: string, before: readonly MatrixRow[], after: readonly MatrixRow[]): Change[] {
  const rows = (matrix: readonly MatrixRow[]) => new Map(matrix.map((row) => [row.transition, row]));
  const [old, now] = [rows(before), rows(after)];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((transition): Change[] => {
    const tell = (what: string): Change => ({
      level: 'authority',
      where: `schema/${service}/authority.yaml: ${transition}`,
      what,
    });
    const [was, is] = [old.get(transition), now.get(transition)];
    if (was === undefined) return [tell('a new row')];
    if (is === undefined) return [tell('the row is gone')];
    return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((part) => {
      const [from, to] = [was[part], is[part]].map((value) => JSON.stringify(value) ?? 'not there');
      return from === to ? [] : [tell(`${part} is ${to}, and was ${from}`)];
    });
  });
}
