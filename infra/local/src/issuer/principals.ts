import type { TokenKind } from './token.ts';

/** Somebody to try the system as; `npm start` registers them all. */
export interface DevelopmentPrincipal {
  /** What `npm run token -- --as` takes. */
  readonly name: string;
  readonly subject: string;
  readonly kind: TokenKind;
  readonly roles: readonly string[];
  readonly displayName: string;
  readonly may: string;
}

const human = (name: string, roles: readonly string[], displayName: string, may: string): DevelopmentPrincipal => {
  return { name, subject: `dev-${name}`, kind: 'HUMAN', roles, displayName, may };
};

export const DEVELOPMENT_PRINCIPALS: readonly DevelopmentPrincipal[] = [
  human('super_admin', ['super_admin'], 'Development super admin', 'suspends identities, grants roles, sees all'),
  human(
    'second_super_admin',
    ['super_admin'],
    'Development second super admin',
    'completes what the first took part in',
  ),
  human('admin_governor', ['admin_governor'], 'Development governor', 'governs ADMIN tasks, onboards operators'),
  human('second_governor', ['admin_governor'], 'Development second governor', 'activates what the first onboarded'),
  human('requester', ['requester'], 'Development requester', 'submits requests for any actor'),
  human('holder', [], 'Development holder', 'holds operators: claims jobs, executes, delegates'),
  human('executor', [], 'Development executor', 'executes once a holder has delegated it'),
  human('auditor', ['auditor'], 'Development auditor', 'sees how work stands, never what it says of people'),
  human('executive', ['executive'], 'Development executive', 'sees how work stands'),
  {
    name: 'service',
    subject: 'dev-service',
    kind: 'SERVICE',
    roles: [],
    displayName: 'Development service',
    may: 'submits what a system asks (origin SYSTEM)',
  },
];
