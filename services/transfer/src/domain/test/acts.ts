/** What somebody tries, or what happens around the register, in random interleavings. */
export type Act =
  | { readonly type: 'propose'; readonly by: string; readonly object: string; readonly to: string }
  | { readonly type: 'complete'; readonly by: string; readonly transfer: string; readonly waive: boolean }
  | { readonly type: OnTransfer; readonly by: string; readonly transfer: string }
  | { readonly type: 'lock' | 'unlock'; readonly by: string; readonly object: string };

export type OnTransfer = 'accept' | 'reject' | 'cancel' | 'expire' | 'void' | 'add_evidence';

/** What can become of it; refusals by what they are about. */
export const OUTCOMES = [
  'accepted',
  'not theirs to do',
  'wrong state',
  'too late',
  'too early',
  'object taken',
  'object locked',
  'object ended',
  'no locks here',
  'holds it already',
  'not to this identity',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What varies between runs: the policy, and who is a super_admin. */
export interface Setting {
  readonly distinctActors: 'strict' | 'literal';
  readonly waiverAllowed: boolean;
  readonly proposedExpiresS: number | null;
  readonly acceptedExpiresS: number | null;
  readonly voidable: boolean;
  readonly lockable: boolean;
  readonly coolOffS: number;
  readonly superAdmins: readonly string[];
}

export const OBJECTS = ['nypd', 'fdny'] as const;
/** Who holds each object at first. */
export const HOLDERS: Readonly<Record<string, string>> = { nypd: 'ana', fdny: 'ben' };

/** What can be seen of one object, and of one transfer. */
export interface ObjectView {
  readonly holder: string;
  readonly version: number;
  readonly locked: boolean;
}
export interface TransferView {
  readonly object: string;
  readonly state: string;
  readonly from: string;
  readonly to: string;
  readonly proposedBy: string;
  readonly acceptedBy: string | null;
  readonly endedBy: string | null;
  readonly waivedBy: string | null;
}
export interface View {
  readonly objects: Readonly<Record<string, ObjectView>>;
  readonly transfers: readonly TransferView[];
}
