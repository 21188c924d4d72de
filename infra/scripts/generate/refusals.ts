import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { markdownHeader } from './header.ts';

type Texts = Readonly<Record<string, { readonly message: string; readonly retryable: boolean }>>;

const KIT = 'infra/service-kit/src/command/refusals.ts';
const HEADER = markdownHeader(`${KIT} and services/*/src/domain/refusals.ts`);

/** Every refusal a client can get, from the records that the code itself answers with; undefined where there is no code. */
export async function refusals(root: string): Promise<string | undefined> {
  if (!existsSync(join(root, KIT))) return undefined;
  const { KIT_REFUSALS } = (await import(join(root, KIT))) as { KIT_REFUSALS: Texts };
  const sections = [section('Of every service', KIT_REFUSALS)];
  for (const service of readdirSync(join(root, 'services')).sort()) {
    const texts = await refusalsOf(join(root, 'services', service, 'src/domain'));
    if (texts !== undefined) sections.push(section(service, texts));
  }
  return `${[HEADER, INTRODUCTION, ...sections].join('\n\n')}\n`;
}

/** What the rules of a service export as `REFUSALS`: a file of its own, or the one rule there is. */
async function refusalsOf(domain: string): Promise<Texts | undefined> {
  if (!existsSync(domain)) return undefined;
  for (const file of readdirSync(domain).sort()) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
    const { REFUSALS } = (await import(join(domain, file))) as { REFUSALS?: Texts };
    if (REFUSALS !== undefined) return REFUSALS;
  }
  return undefined;
}

const INTRODUCTION = `# Refusals

What \`refusal.code\` of a payload can be. Nothing was changed. *Again* says whether the same command may be accepted later without
being changed. Errors, and how to use all this: \`docs/API.md\`.`;

function section(name: string, texts: Texts): string {
  const rows = Object.entries(texts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { message, retryable }]) => `| \`${code}\` | ${message} | ${retryable ? 'yes' : 'no'} |`);
  return [`## ${name}`, '', '| code | what it says | again |', '| --- | --- | --- |', ...rows].join('\n');
}
