import { Client, type ClientConfig } from 'pg';

/** A connection outside the pool. That it is lost its statements tell; as an event that nobody hears it would end the process. */
export async function openClient(config: ClientConfig): Promise<Client> {
  const client = new Client(config);
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
