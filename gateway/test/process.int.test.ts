import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test, vi } from 'vitest';
import { AUDIENCE, ISSUER, startIssuer } from './issuer.ts';
import { startSubgraphs } from './two-subgraphs.ts';
import { WAITED_MS } from './waiting.ts';

const folder = mkdtempSync(join(tmpdir(), 'qtm-gateway-'));
const processes: ChildProcess[] = [];
afterAll(() => {
  for (const process of processes) process.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Starts the gateway as a process of its own; `lines` grows by what it logs. */
function startProcess(env: Record<string, string>) {
  const main = join(import.meta.dirname, '../src/main.ts');
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  processes.push(child);
  const lines: { msg: string; endpoint?: string }[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line)));
  return { child, lines, exited: once(child, 'exit') };
}

test('a process that is told to stop answers what it accepted and exits with 0', async () => {
  const [issuer, subgraphs] = await Promise.all([startIssuer(), startSubgraphs()]);
  const file = join(folder, 'supergraph.graphql');
  writeFileSync(file, subgraphs.supergraphSdl);
  const { child, lines, exited } = startProcess({
    QTM_SUPERGRAPH_FILE: file,
    QTM_ISSUER: ISSUER,
    QTM_AUDIENCE: AUDIENCE,
    QTM_JWKS_URL: issuer.jwksUrl,
    QTM_SUBGRAPH_MAKERS_URLS: subgraphs.addresses.get('makers') ?? '',
    QTM_SUBGRAPH_FANS_URLS: subgraphs.addresses.get('fans') ?? '',
  });
  const endpoint = await vi.waitFor(
    () => lines.find(({ msg }) => msg === 'listening')?.endpoint ?? expect.fail(),
    WAITED_MS,
  );
  const authorization = `Bearer ${await issuer.token()}`;
  const make = async () => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: '{"query":"mutation { make(name: \\"x\\") { id } }"}',
    });
    return response.json() as Promise<{ data?: { make: unknown } }>;
  };
  const release = subgraphs.hold();
  const open = Array.from({ length: 20 }, make);
  await vi.waitFor(() => expect(subgraphs.seen.length).toBeGreaterThanOrEqual(20), WAITED_MS);
  child.kill('SIGTERM');
  await vi.waitFor(() => expect(lines.map(({ msg }) => msg)).toContain('draining'), WAITED_MS);
  release();
  for (const { data } of await Promise.all(open)) expect(data?.make).toEqual({ id: expect.any(String) });
  expect((await exited)[0]).toBe(0);
  await Promise.all([subgraphs.close(), issuer.close()]);
});

test('a process without its settings names all of them and exits with 1', async () => {
  const { lines, exited } = startProcess({});
  expect((await exited)[0]).toBe(1);
  expect(lines.at(-1)?.msg).toMatch(/QTM_ISSUER is not set.*QTM_AUDIENCE is not set.*QTM_JWKS_URL is not set/s);
});
