import { describe, expect, test } from 'vitest';
import { ACTORS, type Actor, STATES, type State, walkTransfers } from './transfer-walk.ts';

/** Who may do what in which state, typed from the doctrine (S2:31-43) and read from nothing. */
const PARTIES = {
  holder: 'the holder, who proposed it',
  target: 'whom it goes to',
  proposer: 'the super_admin who proposed it',
  admin: 'a super_admin',
  acceptor: 'the super_admin who accepted it',
  clock: "the service's clock",
} as const satisfies Readonly<Record<string, Actor>>;
const { holder, target, proposer, admin, acceptor, clock } = PARTIES;

type Given = readonly [command: string, from: readonly State[], to: State | 'SAME', by: readonly Actor[]];
const DOCTRINE: readonly Given[] = [
  ['propose', ['NONE'], 'proposed', [holder, proposer, admin, acceptor]],
  // Nor does the super_admin who proposed it accept it, or one who did either complete it: a distinct actor for each (S2:35).
  ['accept', ['proposed'], 'accepted', [target, admin, acceptor]],
  ['reject', ['proposed'], 'rejected', [target, proposer, admin, acceptor]],
  ['cancel', ['proposed'], 'canceled', [holder, proposer, admin, acceptor]],
  ['complete', ['accepted'], 'completed', [admin]],
  ['add_evidence', ['proposed', 'accepted'], 'SAME', [holder, target, proposer, admin, acceptor]],
];
const EXTENSIONS: readonly Given[] = [
  ['void', ['accepted'], 'voided', [proposer, admin, acceptor]],
  ['expire', ['proposed', 'accepted'], 'expired', [clock]],
];

describe.each([
  ['with its two extensions', true, [...DOCTRINE, ...EXTENSIONS]],
  ['with the extensions switched off', false, DOCTRINE],
] as const)('the lifecycle of a transfer %s', (_, extensions, given) => {
  test('T-TR-01 allow: every command in every state by everybody leads where the doctrine says, and nowhere else', async () => {
    const tried = await walkTransfers(extensions);
    const commands = new Set(tried.map(({ command }) => command));
    expect([...commands].sort()).toEqual([...DOCTRINE, ...EXTENSIONS].map(([command]) => command).sort());
    expect(tried).toHaveLength(((commands.size - 1) * (STATES.length - 1) + 1) * Object.keys(ACTORS).length);
    for (const { command, actor, state, outcome } of tried) {
      const found = given.find(([name, from, , by]) => name === command && from.includes(state) && by.includes(actor));
      const expected = found === undefined ? undefined : found[2] === 'SAME' ? state : found[2];
      const what = `${command} in ${state} by ${actor}`;
      if (expected === undefined) expect(['FORBIDDEN', 'WRONG_STATE'], what).toContain(outcome);
      else expect(outcome, what).toBe(expected);
    }
  });

  test('T-TR-01 deny: who may do it is told of a wrong state, whoever may not is told that alone', async () => {
    const tried = await walkTransfers(extensions);
    for (const { command, actor, outcome } of tried) {
      if (outcome !== 'WRONG_STATE') continue;
      const [, , , by = []] = [...DOCTRINE, ...EXTENSIONS].find(([name]) => name === command) ?? [];
      // Of a state that is not accepted or completed next nobody asks who took the steps before.
      expect([...by, proposer, acceptor], `${command} by ${actor}`).toContain(actor);
    }
  });
});
