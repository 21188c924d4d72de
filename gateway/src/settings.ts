import { join } from 'node:path';
import {
  address,
  type Environment,
  file,
  integer,
  list,
  PROCESS_SETTINGS,
  readSettings,
  type Settings,
  SettingsError,
  type SettingsSpec,
} from '@qtm/service-kit/process';
import { readSupergraph, type Supergraph } from './supergraph.ts';

const SUPERGRAPH = {
  QTM_SUPERGRAPH_FILE: file(
    'composed supergraph to serve',
    join(import.meta.dirname, '../../schema/generated/supergraph.graphql'),
  ),
};

const GATEWAY = {
  ...PROCESS_SETTINGS,
  QTM_WAIT_BUDGET_MS: integer(
    'how long subgraphs may wait, in one operation, for facts they have not seen yet',
    { min: 0, max: 60_000, unit: 'ms' },
    2_000,
  ),
  QTM_OPERATION_TIMEOUT_MS: integer('longest time for one operation', { min: 100, max: 300_000, unit: 'ms' }, 30_000),
  QTM_SUBGRAPH_TIMEOUT_MS: integer(
    'longest time for one subgraph request',
    { min: 100, max: 300_000, unit: 'ms' },
    20_000,
  ),
};

/** Settings of a gateway over these subgraphs. */
export function gatewaySettings(subgraphs: readonly string[]): SettingsSpec {
  const addresses = subgraphs.map((name) => [
    addressVariable(name),
    list('addresses of the processes that serve this subgraph', address('')),
  ]);
  return { ...SUPERGRAPH, ...GATEWAY, ...Object.fromEntries(addresses) };
}

export type GatewaySettings = Settings<typeof GATEWAY>;

export interface GatewayConfig {
  readonly settings: GatewaySettings;
  readonly supergraph: Supergraph;
  /** Where each subgraph is served. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads every setting of the gateway; which subgraphs need an address is what the supergraph says, so a fault of its file is the only
 * one that is reported alone.
 * @throws SettingsError naming each variable that is missing or wrong
 */
export function readGatewayConfig(env?: Environment): GatewayConfig {
  const supergraph = supergraphOf(readSettings(SUPERGRAPH, env).QTM_SUPERGRAPH_FILE);
  const all = readSettings(gatewaySettings(supergraph.subgraphs), env);
  const settings = all as GatewaySettings & Readonly<Record<string, readonly string[]>>;
  const addresses = new Map(supergraph.subgraphs.map((name) => [name, settings[addressVariable(name)] ?? []]));
  return { settings, supergraph, addresses };
}

function supergraphOf(path: string): Supergraph {
  try {
    return readSupergraph(path);
  } catch (cause) {
    throw new SettingsError([`QTM_SUPERGRAPH_FILE: ${(cause as Error).message}`]);
  }
}

/** `workflow-packs` → `QTM_SUBGRAPH_WORKFLOW_PACKS_URLS`. */
function addressVariable(subgraph: string): string {
  return `QTM_SUBGRAPH_${subgraph.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_URLS`;
}
