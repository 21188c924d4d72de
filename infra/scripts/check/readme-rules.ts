import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the README of a service tells; each word begins, or stands in, a heading, a bold lead or the head of a table. */
const SECTIONS = ['owns', 'command', 'events out', 'events in', 'settings'];
const ONE_SCREEN_LINES = 120;

/** Services whose README is missing, too long or lacks a section, one line each. */
export function readmeProblems(root: string, services: readonly string[]): string[] {
  return services.flatMap((service) => {
    const path = `services/${service}/README.md`;
    if (!existsSync(join(root, path))) return [`${path} is missing`];
    const lines = readFileSync(join(root, path), 'utf8').split('\n');
    const leads = lines.filter((line) => /^(?:#{2,3} |\*\*|\| )/.test(line)).map((line) => line.toLowerCase());
    const missing = SECTIONS.filter((word) => !leads.some((lead) => lead.includes(word)));
    const problems = missing.map((word) => `${path}: nothing begins with '${word}'`);
    if (!lines.some((line) => line.startsWith('```'))) problems.push(`${path}: no diagram of the states`);
    if (lines.length > ONE_SCREEN_LINES) problems.push(`${path}: ${lines.length} lines, more than ${ONE_SCREEN_LINES}`);
    return problems;
  });
}
