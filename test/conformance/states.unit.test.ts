import { expect, test } from 'vitest';
import { TABLE } from './authority-table.ts';
import { SOURCED } from './sourced.ts';
import { tableFilesOf } from './transition-tables.ts';

/** Cells that no user commands: an intake follows its task and its jobs, a task its assignment. Typed, as the others are. */
const FOLLOWING = [
  ...['RECEIVED'].map((from) => `intake.task: ${from} > TASKED`),
  ...['RECEIVED', 'TASKED', 'IN_PROGRESS'].map((from) => `intake.progress: ${from} > IN_PROGRESS`),
  ...['RECEIVED', 'TASKED', 'IN_PROGRESS'].map((from) => `intake.record: ${from} > RECORDED`),
  ...['RECEIVED', 'TASKED', 'IN_PROGRESS', 'RECORDED'].map((from) => `intake.note_task_end: ${from} > ${from}`),
  ...['RECEIVED', 'TASKED', 'IN_PROGRESS', 'RECORDED'].map((from) => `intake.close: ${from} > CLOSED`),
  'task.withdraw: ASSIGNED > APPROVED',
  'task.create_job: ASSIGNED > ASSIGNED',
  'register_entry.seed: NONE > HELD',
];

/** What comes into being as it stood elsewhere has no state of its own to lead to. */
const AS_IT_STOOD = 'NONE > SAME';

test('T-AG-03 allow: the rules make each transition from the states the sources name, to the one they name, and none else', async () => {
  const inRules: string[] = [];
  for (const name of SOURCED) {
    for (const { aggregate, table } of await tableFilesOf(name)) {
      for (const [from, row] of Object.entries(table))
        for (const [command, to] of Object.entries(row)) inRules.push(`${aggregate}.${command}: ${from} > ${to}`);
    }
  }
  const inTable = Object.entries(TABLE).flatMap(([transition, { states }]) => {
    if (states === AS_IT_STOOD) return [];
    const [from = '', to = ''] = states.split(' > ');
    return from.split(' ').map((state) => `${transition}: ${state} > ${to === 'SAME' ? state : to}`);
  });
  expect(inRules.sort()).toEqual([...inTable, ...FOLLOWING].sort());
});
