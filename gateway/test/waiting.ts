/** How long a test waits for what comes by itself, however busy the machine is. */
export const WAITED_MS = 20_000;
