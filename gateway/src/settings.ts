import { join } from 'node:path';
import {
  address,
  integer,
  list,
  PROCESS_SETTINGS,
  readSettings,
  type Setting,
  type Settings,
  text,
} from '@qtm/service-kit/process';
import { readSupergraph, type Supergraph } from './supergraph.ts';

const SUPERGRAPH = {
  QTM_SUPERGRAPH_FILE: text(
    'composed supergraph to serve',
    join(import.meta.dirname, '../../schema/generated/supergraph.graphql'),
  ),
};

const GATEWAY = {
  ...PROCESS_SETTINGS,
  QTM_WAIT_BUDGET_MS: integer(
    'how long subgraphs may wait, in one operation, for facts they have not seen yet',
    { min: 0, max: 60_000 },
    2_000,
  ),
  QTM_OPERATION_TIMEOUT_MS: integer('longest time for one operation', { min: 100, max: 300_000 }, 30_000),
  QTM_SUBGRAPH_TIMEOUT_MS: integer('longest time for one subgraph request', { min: 100, max: 300_000 }, 20_000),
};

export type GatewaySettings = Settings<typeof GATEWAY>;

export interface GatewayConfig {
  readonly settings: GatewaySettings;
  readonly supergraph: Supergraph;
  /** Where each subgraph is served. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads every setting of the gateway; which subgraphs need an address is what the supergraph says.
 * @throws SettingsError naming each variable that is missing or wrong
 */
export function readGatewayConfig(env?: Readonly<Record<string, string | undefined>>): GatewayConfig {
  const supergraph = readSupergraph(readSettings(SUPERGRAPH, env).QTM_SUPERGRAPH_FILE);
  const variables = new Map(supergraph.subgraphs.map((name) => [name, addressVariable(name)]));
  const addressSpec = Object.fromEntries(
    [...variables].map(([name, variable]) => [
      variable,
      addressList(`addresses of ${name}, http://host:port/graphql, separated by commas`),
    ]),
  );
  // One reading of everything, so that every fault is reported at once.
  const all = readSettings({ ...addressSpec, ...GATEWAY }, env) as GatewaySettings & Record<string, readonly string[]>;
  const addresses = new Map([...variables].map(([name, variable]) => [name, all[variable] ?? []]));
  return { settings: all, supergraph, addresses };
}

function addressList(description: string): Setting<readonly string[]> {
  const one = address(description);
  const several = list(description);
  return { description, parse: (value) => several.parse(value).map((item) => one.parse(item)) };
}

/** `workflow-packs` → `QTM_SUBGRAPH_WORKFLOW_PACKS_URLS`. */
function addressVariable(subgraph: string): string {
  return `QTM_SUBGRAPH_${subgraph.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_URLS`;
}
