import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createMetrics, type Registry } from '@qtm/service-kit/process';
import { markdownHeader } from './header.ts';

const KIT = 'infra/service-kit/src/service/kit-metrics.ts';
const GATEWAY = 'gateway/src/metrics.ts';

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly labelNames?: readonly string[];
}

/** Every figure of every process, from the code that counts; undefined where there is none. */
export async function metricsPage(root: string): Promise<string | undefined> {
  if (!existsSync(join(root, KIT)) || !existsSync(join(root, GATEWAY))) return undefined;
  const sections = [
    section('Services', await metricsOf(root, KIT, 'createKitMetrics')),
    ...(await ownFigures(root)),
    section('Gateway', await metricsOf(root, GATEWAY, 'createGatewayMetrics')),
  ];
  return `${[markdownHeader('the metrics that processes expose'), INTRODUCTION, ...sections].join('\n\n')}\n`;
}

const INTRODUCTION = `# Metrics

What \`/metrics\` of a process answers, in the text format of Prometheus. Each figure has the label \`service\`, the process's name.
Beside those below stand the runtime's own (\`process_*\`, \`nodejs_*\`). What to watch, and what to do: \`docs/OPERATIONS.md\`.`;

/** What single services expose beside what all of them do. */
async function ownFigures(root: string): Promise<readonly string[]> {
  const sections: string[] = [];
  for (const name of readdirSync(join(root, 'services')).sort()) {
    const file = join(root, 'services', name, 'src/service.ts');
    const { service } = (await import(file)) as { service: { measures?: readonly Omit<Metric, 'type'>[] } };
    const measures = (service.measures ?? []).map(({ name: figure, help }) => ({ name: figure, help, type: 'gauge' }));
    if (measures.length > 0) sections.push(section(`Of ${name} alone`, measures));
  }
  return sections;
}

async function metricsOf(root: string, file: string, create: string): Promise<readonly Metric[]> {
  const registry = createMetrics('any');
  const own = new Set(registry.getMetricsAsArray().map(({ name }) => name));
  ((await import(join(root, file))) as Record<string, (registry: Registry) => void>)[create]?.(registry);
  return (registry.getMetricsAsArray() as unknown as Metric[]).filter(({ name }) => !own.has(name));
}

function section(title: string, metrics: readonly Metric[]): string {
  const rows = [...metrics]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, help, labelNames = [] }) => {
      const labels = labelNames.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${unitOf(name)} | ${labels} | ${help} |`;
    });
  return [
    `## ${title}`,
    '',
    '| metric | kind | unit | labels | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** What the last word of a name, before `total`, can say that is counted or measured. */
const UNITS = ['seconds', 'bytes', 'events', 'requests', 'attempts'];

function unitOf(name: string): string {
  const last =
    name
      .replace(/_total$/, '')
      .split('_')
      .at(-1) ?? '';
  return UNITS.includes(last) ? last : 'count';
}
