/** Goes on with laps under names of their own once the first has ended, until told to end. */
export function keepBusy(first: Promise<unknown>, lap: (number: number) => Promise<unknown>) {
  let over = false;
  const busy = (async () => {
    await first;
    let laps = 1;
    for (; !over; laps++) await lap(laps);
    return laps;
  })();
  return {
    /** Resolves when the lap has ended that runs now, with the number of them all. */
    end() {
      over = true;
      return busy;
    },
    /** Begins no further lap; what becomes of this one is no matter. */
    abandon() {
      over = true;
      busy.catch(() => undefined);
    },
  };
}
