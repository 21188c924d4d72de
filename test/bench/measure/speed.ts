import { createHash } from 'node:crypto';

const SLICE_MS = 20;
const SLICES = 15;
const BLOCK = Buffer.alloc(1_024, 7);

/**
 * How fast a core of this machine is at the moment: SHA-256 of 1 KiB per millisecond, the best of some slices. Where it
 * differs, figures of two runs cannot be compared.
 */
export function speedOfCore(): number {
  let best = 0;
  for (let slice = 0; slice < SLICES; slice++) {
    const startedMs = performance.now();
    let hashes = 0;
    while (performance.now() - startedMs < SLICE_MS) {
      createHash('sha256').update(BLOCK).digest();
      hashes += 1;
    }
    best = Math.max(best, hashes / (performance.now() - startedMs));
  }
  return best;
}
