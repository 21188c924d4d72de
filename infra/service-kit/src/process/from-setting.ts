/**
 * Tells what goes wrong at a place that settings name together with these settings: their form was right, the place was not.
 * @throws Error that begins with the settings
 */
export async function fromSetting<T>(settings: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new Error(`${settings}: ${(cause as Error).message}`, { cause });
  }
}
