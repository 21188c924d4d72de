/** `npm run conformance:faults`: switches off one guard at a time; a guard of which no test notices that is a fault. */
import { parseArgs } from 'node:util';
import { everyGuard, type Guard } from './faults/guards.ts';
import { switchOff } from './faults/run.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);

const USAGE = `usage: npm run conformance:faults [-- --only <part of a name>] [--list] [--plant]
  switches off, within the processes of the tests, one guard at a time: every clause of the authority matrices, every state that does not
  accept a command, every predicate of who sees what, and what the kit keeps for all; ends with 1 where no test notices one
  --only   guards whose names hold this
  --list   names them and does nothing
  --plant  adds a guard that no test knows of, to see that it is found`;

/** Switching it off changes nothing, so no test can notice. */
const PLANTED: Guard = {
  name: 'planted: known to no test',
  fault: { kind: 'nothing' },
  tests: ['test/conformance/states.unit.test.ts'],
};

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      list: { type: 'boolean' },
      plant: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    say(USAGE);
    return 0;
  }
  const chosen = (await everyGuard()).filter(({ name }) => name.includes(values.only));
  const guards = values.plant ? [...chosen, PLANTED] : chosen;
  if (values.list) {
    for (const { name } of guards) say(name);
    return 0;
  }
  const startedMs = performance.now();
  const findings = await switchOff(guards, ({ guard, noticedBy }) => {
    say(noticedBy === undefined ? `NOT NOTICED ${guard.name}` : `noticed     ${guard.name}  (${noticedBy})`);
  });
  const open = findings.filter(({ noticedBy }) => noticedBy === undefined);
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  say(`${findings.length} guards switched off, ${open.length} not noticed, ${seconds} s`);
  return open.length === 0 && findings.length > 0 ? 0 : 1;
}

const [command, ...args] = process.argv.slice(2);
if (command === 'faults') process.exitCode = await main(args);
else {
  say(USAGE);
  process.exitCode = command === '--help' ? 0 : 2;
}
