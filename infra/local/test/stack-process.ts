/** Run as a program of its own, so that a test can kill it: starts a stack, prints how to reach it, ends it at SIGTERM. */
import { LocalStackFault, startLocalStack } from '../src/index.ts';

const [dataDir = '', ephemeral = 'ephemeral'] = process.argv.slice(2);
try {
  const stack = await startLocalStack({
    dataDir,
    ephemeral: ephemeral === 'ephemeral',
    log: (line) => process.stderr.write(`${line}\n`),
  });
  const token = await stack.issuer.sign({ subject: 'kept' });
  const { ownerUrl } = await stack.provision('kept');
  process.stdout.write(`${JSON.stringify({ ownerUrl, brokers: stack.kafka.brokers, token })}\n`);
  process.once('SIGTERM', () => stack.stop().then(() => process.exit(0)));
} catch (error) {
  if (!(error instanceof LocalStackFault)) throw error;
  process.stderr.write(`fault: ${error.message}\n`);
  process.exitCode = 1;
}
