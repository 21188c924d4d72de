import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { waitFor } from '@qtm/local';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRelayedTown, type RelayedTown } from './relayed.ts';

/** As PostgreSQL writes them: that it takes statements, and that it ends the connection since it goes down. */
const READY = Buffer.from('Z\0\0\0\x05I', 'latin1');
const FIELDS = 'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0';
const ENDS = Buffer.concat([Buffer.from([0x45, 0, 0, 0, FIELDS.length + 4]), Buffer.from(FIELDS, 'latin1')]);

let town: RelayedTown;
let door: Server;
let goesDown = false;
let turnedAway = 0;

/** The way to PostgreSQL; while that goes down it says so right behind its greeting, in one piece with it. */
beforeAll(async () => {
  town = await openRelayedTown();
  const { hostname: host, port } = new URL(town.urls.relayUrl);
  door = createServer((client) => {
    const server = connect({ host, port: Number(port) });
    client.pipe(server);
    server.on('data', (chunk) => {
      if (!goesDown || !chunk.subarray(-READY.length).equals(READY)) return void client.write(chunk);
      turnedAway += 1;
      client.end(Buffer.concat([chunk, ENDS]));
      server.destroy();
    });
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
  });
  await once(door.listen(0, '127.0.0.1'), 'listening');
});
afterAll(async () => {
  door?.close();
  await town?.stop();
});

test('a standby that connects just as the server goes down tries again, and takes over', async () => {
  const first = town.relay();
  await first.start();
  const way = new URL(town.urls.relayUrl);
  way.host = `127.0.0.1:${(door.address() as AddressInfo).port}`;
  const standby = town.relay({ databaseUrl: way.href });
  await standby.start();
  goesDown = true;
  const often = () => (turnedAway >= 3 ? true : undefined);
  await waitFor(often, { timeoutMs: 20_000, what: 'the standby is turned away three times' });
  goesDown = false;
  await first.stop();
  await town.submitSome('afterwards');
  expect((await town.published()).length).toBeGreaterThan(0);
  await standby.stop();
});
