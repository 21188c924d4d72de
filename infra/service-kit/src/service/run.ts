import { runProcess } from '../process/lifecycle.ts';
import { createLogger } from '../process/logger.ts';
import { bootService } from './boot.ts';
import type { ServiceDefinition } from './definition.ts';
import { readServiceSettings } from './settings.ts';

/** Runs a service as this process, until it is told to stop: what `main.ts` of every service does. */
export async function runService(definition: ServiceDefinition): Promise<void> {
  const logger = createLogger(definition.name, 'info');
  await runProcess(logger, async (lifecycle) => {
    const settings = readServiceSettings();
    logger.level = settings.QTM_LOG_LEVEL;
    const endpoint = await bootService(definition, settings, lifecycle);
    logger.info({ endpoint }, 'ready');
  });
}
