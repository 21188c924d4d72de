import type { MigrationFile } from '../../infra/service-kit/src/database/migration-files.ts';

/** What two releases make of an upgrade. */
export interface Plan {
  /** Services that the release before lacks. They come up before any other is touched: the others may rest on them from their start. */
  readonly added: readonly string[];
  /** The others, in the order in which they are upgraded. */
  readonly upgraded: readonly string[];
  /** By service, the migrations that the release before cannot live with: once they are applied it is refused. */
  readonly breaking: ReadonlyMap<string, readonly Break[]>;
}

export interface Break {
  readonly migration: string;
  /** Why, in the words of the migration. */
  readonly reason: string;
}

/** Services of a release, each with its migrations. */
export type Contents = ReadonlyMap<string, readonly Pick<MigrationFile, 'name' | 'breaks'>[]>;

export function planOf(before: Contents, now: Contents): Plan {
  const services = [...now.keys()];
  const upgraded = services.filter((service) => before.has(service));
  const breaking = upgraded.map((service) => {
    const known = new Set(before.get(service)?.map(({ name }) => name));
    const breaks = (now.get(service) ?? []).flatMap(({ name, breaks: reason }) =>
      reason === null || known.has(name) ? [] : [{ migration: name, reason }],
    );
    return [service, breaks] as const;
  });
  return {
    added: services.filter((service) => !before.has(service)),
    upgraded,
    breaking: new Map(breaking.filter(([, breaks]) => breaks.length > 0)),
  };
}

/** Why there is no way back: a line for each migration, with the services on whose databases it lies. */
export function obstacles({ breaking }: Pick<Plan, 'breaking'>): readonly string[] {
  const all = [...breaking].flatMap(([service, breaks]) => breaks.map((one) => ({ service, ...one })));
  return [...Map.groupBy(all, ({ migration }) => migration)].map(
    ([migration, on]) => `${migration} (${on.map(({ service }) => service).join(', ')}): ${on[0]?.reason}`,
  );
}
