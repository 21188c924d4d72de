import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { WireAnswer } from './wire-answer.ts';

/** Bytes as they are written to the connection, piece by piece. */
export interface RawRequest {
  readonly bytes: readonly string[];
  /** Between the pieces. */
  readonly pauseMs?: number;
  /** The connection is left after so long; otherwise the answer is awaited. */
  readonly hangUpAfterMs?: number;
}

/** Whoever has not answered by then, and has not hung up, keeps a connection for nothing. */
const PATIENCE_MS = 45_000;

/** Writes bytes to a connection of their own, and gives what comes back until it ends. */
export async function sendRaw(url: string, { bytes, pauseMs = 0, hangUpAfterMs }: RawRequest): Promise<WireAnswer> {
  const { hostname, port } = new URL(url);
  const startedMs = performance.now();
  const socket = connect({ host: hostname, port: Number(port) });
  const received: Buffer[] = [];
  const ended = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      received.push(chunk);
      // An answer is whole enough to be judged; whether the connection is kept is the server's affair.
      if (/^HTTP\/1\.1 \d{3}.*?\r\n\r\n.*\}$/s.test(Buffer.concat(received).toString('latin1'))) socket.end();
    });
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
  });
  const timer = setTimeout(() => socket.destroy(), hangUpAfterMs ?? PATIENCE_MS);
  for (const piece of bytes) {
    if (!socket.writable) break;
    socket.write(Buffer.from(piece, 'latin1'));
    if (pauseMs > 0) await pause(pauseMs);
  }
  await ended;
  clearTimeout(timer);
  const text = Buffer.concat(received).toString('latin1');
  const [, status = '0'] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? [];
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  return { status: Number(status), headers: {}, body, elapsedMs: performance.now() - startedMs };
}
