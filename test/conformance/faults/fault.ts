/** Guards that the kit keeps for all services alike; they stand in no table. */
export const KIT_GUARDS = {
  'a used key is not used again': ['test/kit/command.int'],
  'a used key is for one input': ['test/kit/command.int'],
  'the version expected is that of the row': ['services/workflow/test/execution.int'],
  'facts that are too old are no ground': ['test/kit/freshness.int'],
  'what must be confirmed is asked of its owner': ['test/kit/confirm.int'],
  'what is hidden is as if it were not there': ['services/workflow/test/authority.int'],
  'an attempt is kept': ['test/kit/command.int'],
  'a text has a form': ['infra/service-kit/src/command/', 'test/kit/command.int'],
  'a list shows nothing to an agent': ['services/operator/test/visibility.int'],
  'a cursor is of one list': ['infra/service-kit/src/graphql/connection.unit'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type KitGuard = keyof typeof KIT_GUARDS;

/** What is switched off: enough for `switch-off.ts` to do it within a test's process. */
export type Fault =
  | { readonly kind: 'principals'; readonly transition: string }
  | { readonly kind: 'clause'; readonly transition: string; readonly clause: string }
  | {
      readonly kind: 'cell';
      readonly file: string;
      readonly table: string;
      readonly state: string;
      readonly command: string;
      readonly to: string;
    }
  | {
      readonly kind: 'predicate';
      readonly service: string;
      readonly aggregate: string;
      readonly of: Predicate | 'agents';
    }
  | { readonly kind: 'list'; readonly aggregate: string }
  | { readonly kind: 'kit'; readonly name: KitGuard }
  | { readonly kind: 'nothing' };

export type Predicate = 'visibleTo' | 'detailTo' | 'personalTo' | 'reasonsTo';

/** Said where a process in which one guard was switched off is given to another. */
export const WORN = 'another guard was switched off in this process before';
