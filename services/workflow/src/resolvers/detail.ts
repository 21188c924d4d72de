import type { Aggregate, Context } from '@qtm/service-kit';

/** Wraps what a submitter does not see: null where the session may only know that the row is there and how it stands. */
export function detailOf<P extends { readonly id: string }>(of: Aggregate) {
  return <T>(read: (parent: P, context: Context) => T | Promise<T>) =>
    async (parent: P, _: unknown, context: Context): Promise<T | null> =>
      (await context.detailed(of, parent.id)) ? read(parent, context) : null;
}
