import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { claim, claimedBy } from '../src/process/claim.ts';
import { type Daemon, type DaemonOptions, startDaemon } from '../src/process/daemon.ts';
import { identify, isAlive, type ProcessIdentity } from '../src/process/identity.ts';
import { endSurvivors, survivors } from '../src/process/ledger.ts';
import { run } from '../src/process/run.ts';
import { waitFor } from '../src/wait.ts';
import { dataFolder } from './data-folder.ts';

async function shell(script: string, options: Partial<DaemonOptions> = {}): Promise<Daemon & { folder: string }> {
  const folder = dataFolder();
  const daemon = await startDaemon({
    name: 'shell',
    command: 'sh',
    args: ['-c', script],
    cwd: folder,
    logFile: join(folder, 'shell.log'),
    ledger: join(folder, 'processes'),
    stopSignal: 'SIGTERM',
    ...options,
  });
  onTestFinished(() => daemon.kill());
  return Object.assign(daemon, { folder });
}

const me = identify(process.pid) as ProcessIdentity;

describe('identity', () => {
  test('tells a process from a later one with its number', () => {
    expect(isAlive(me)).toBe(true);
    expect(isAlive({ pid: me.pid, birth: 'another moment' })).toBe(false);
  });

  test('of a process that has ended there is none', async () => {
    const daemon = await shell('exit 0');
    await daemon.ended;
    expect(identify(daemon.pid)).toBeUndefined();
  });
});

describe('claim', () => {
  test('is had by one, until released', () => {
    const file = join(dataFolder(), 'deep', 'claim.json');
    const mine = claim(file);
    expect(() => claim(file)).toThrow(`already running here: process ${process.pid}`);
    expect(claimedBy(file)).toMatchObject(me);
    mine.release();
    expect(claimedBy(file)).toBeUndefined();
    claim(file).release();
  });

  test.each([
    ['of a process that is no more', JSON.stringify({ ...me, birth: 'before', since: '2026-01-05' })],
    ['half written', '{"pid":'],
  ])('%s counts for nothing', (_, text) => {
    const file = join(dataFolder(), 'claim.json');
    writeFileSync(file, text);
    claim(file);
    expect(claimedBy(file)).toMatchObject(me);
  });

  test('of many that ask at once one gets it', async () => {
    const folder = dataFolder();
    const stale = join(folder, 'claim.json');
    writeFileSync(stale, JSON.stringify({ pid: 1, birth: 'never', since: 'x' }));
    const source = `const { claim } = await import(${JSON.stringify(join(import.meta.dirname, '../src/process/claim.ts'))});
      claim(${JSON.stringify(stale)});
      process.stdout.write('mine');
      setTimeout(() => {}, 60_000);`;
    const racers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        shell(`exec "${process.execPath}" --input-type=module -e '${source}'`, { name: `racer-${index}` }),
      ),
    );
    const losers: string[] = [];
    await new Promise<void>((resolve) => {
      for (const racer of racers) racer.ended.then(() => losers.push(racer.tail()) === racers.length - 1 && resolve());
    });
    expect(losers.every((tail) => tail.length > 0)).toBe(true);
    expect(racers.filter(({ running }) => running)).toHaveLength(1);
  });
});

describe('daemon', () => {
  test('is in the ledger while it runs, and a stop is no loss', async () => {
    const daemon = await shell('exec sleep 60');
    const ledger = join(daemon.folder, 'processes');
    expect(survivors(ledger)).toMatchObject([{ name: 'shell', pid: daemon.pid, stopSignal: 'SIGTERM' }]);
    await daemon.stop();
    expect(await daemon.ended).toBe('signal SIGTERM');
    expect(survivors(ledger)).toEqual([]);
    expect(await Promise.race([daemon.lost, 'asked for'])).toBe('asked for');
  });

  test('that ends by itself is lost, and its last words are there', async () => {
    const daemon = await shell('echo first; echo last >&2; exit 3');
    expect(await daemon.lost).toBe('exit code 3');
    expect(daemon.tail(1)).toBe('last');
  });

  test('that hears no signal is ended after the patience', async () => {
    const daemon = await shell('trap "" TERM; echo deaf; exec sleep 60');
    await waitFor(() => daemon.tail(1) === 'deaf' || undefined, { timeoutMs: 10_000, everyMs: 5, what: 'it is deaf' });
    await daemon.stop(100);
    expect(await daemon.ended).toBe('signal SIGKILL');
  });

  test('keeps the log of the start before', async () => {
    const first = await shell('echo one');
    await first.ended;
    const places = { logFile: join(first.folder, 'shell.log'), ledger: join(first.folder, 'processes') };
    await (await shell('echo two', places)).ended;
    expect(readFileSync(`${places.logFile}.previous`, 'utf8')).toBe('one\n');
    expect(readFileSync(places.logFile, 'utf8')).toBe('two\n');
  });

  test('of a program that is not there is a fault in one line', async () => {
    const folder = dataFolder();
    await expect(shell('', { command: '/nowhere/program', cwd: folder, account: OURS })).rejects.toThrow(
      /^shell could not be started: /,
    );
  });
});

/** Nothing stands before the command, so that its absence shows at once. */
const OURS = { invocation: () => ({ command: '/nowhere/program', args: [] }) };

describe('ledger', () => {
  test('ends what is in it and still runs, and is empty afterwards', async () => {
    const daemon = await shell('exec sleep 60');
    const ledger = join(daemon.folder, 'processes');
    expect(await endSurvivors(ledger, ['shell'])).toEqual(['shell']);
    expect(await daemon.ended).toBe('signal SIGTERM');
    expect(existsSync(ledger)).toBe(false);
  });

  test('touches nobody who has only got the number of a process of ours', async () => {
    const stranger = await shell('exec sleep 60');
    const ledger = join(dataFolder(), 'processes');
    mkdirSync(ledger);
    const entry = { name: 'kafka', pid: stranger.pid, birth: 'before', stopSignal: 'SIGKILL' };
    writeFileSync(join(ledger, 'kafka.json'), JSON.stringify(entry));
    writeFileSync(join(ledger, 'broken.json'), '{');
    expect(await endSurvivors(ledger, [])).toEqual([]);
    expect(stranger.running).toBe(true);
  });
});

describe('run', () => {
  test('tells what a program wrote, or why there is nothing', async () => {
    const timeoutMs = 10_000;
    const said = await run({ command: 'sh', args: ['-c', 'echo out; echo err >&2; exit 1'] }, { timeoutMs });
    expect(said).toEqual({ ok: false, output: 'out\nerr' });
    expect((await run({ command: '/nowhere/program', args: [] }, { timeoutMs })).output).toContain('ENOENT');
    const late = await run({ command: 'sleep', args: ['60'] }, { timeoutMs: 50 });
    expect(late).toEqual({ ok: false, output: 'not done after 0.05 s' });
  });
});
