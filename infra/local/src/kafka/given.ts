import { LocalStackFault } from '../fault.ts';
import { waitFor } from '../wait.ts';
import { askBrokers } from './answers.ts';
import type { Broker } from './broker.ts';

const PATIENCE_MS = 3_000;

/**
 * A broker that runs already: asked whether it answers, never started or stopped.
 * @throws LocalStackFault where it does not answer
 */
export async function givenBroker(brokers: readonly string[]): Promise<Broker> {
  const address = brokers.join(',');
  const name = `the Kafka of QTM_LOCAL_KAFKA_BROKERS (${address})`;
  const answered = async () => {
    await askBrokers(brokers);
    return true;
  };
  try {
    await waitFor(answered, { timeoutMs: PATIENCE_MS, what: 'it answers' });
  } catch (error) {
    throw new LocalStackFault(`${name} does not answer: ${(error as Error).message}`);
  }
  const notOurs = () => Promise.reject(new LocalStackFault(`${name} is not ours to stop or start`));
  return { brokers: address, ours: false, pid: undefined, kill: notOurs, restart: notOurs, stop: async () => {} };
}
