import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainDenied, freePorts, type StackPorts } from '@qtm/local';

/** Chosen at the first start and kept, so that whoever reads the topics finds Kafka at the same address again. @throws LocalStackFault */
export async function keptPorts(dataDir: string): Promise<StackPorts> {
  const file = join(dataDir, 'ports.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as StackPorts;
  } catch {
    const ports = await freePorts('postgres', 'kafka', 'controller', 'issuer');
    try {
      mkdirSync(dataDir, { recursive: true });
      writeFileSync(file, JSON.stringify(ports));
    } catch (error) {
      throw explainDenied(error, dataDir);
    }
    return ports;
  }
}
