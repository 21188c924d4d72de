import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceNames } from '../generate/contract.ts';

/**
 * Where the names of a service do not align, one line each: its folder in `schema` and in `services`, its package, its definition, and
 * the namespace that its topic and its event types are named after. That each event type begins with the namespace is a rule of events.
 */
export function namingProblems(root: string): string[] {
  const contracts = serviceNames(root);
  const folders = readdirSync(join(root, 'services'), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
  return [
    ...folders
      .filter((name) => !contracts.includes(name))
      .map((name) => `services/${name} has no contract schema/${name}`),
    ...contracts.flatMap((name) =>
      folders.includes(name) ? codeProblems(root, name) : [`services/${name} is missing`],
    ),
    ...namespaceProblems(root, contracts),
  ];
}

function namespaceProblems(root: string, contracts: readonly string[]): string[] {
  const namespaces: readonly [string, string][] = Object.entries(
    JSON.parse(readFileSync(join(root, 'schema/namespaces.json'), 'utf8')),
  );
  return namespaces.flatMap(([service, namespace], index) => {
    const where = `schema/namespaces.json: ${service}`;
    const first = namespaces.findIndex(([, other]) => other === namespace);
    return [
      ...(contracts.includes(service) ? [] : [`${where} has no folder schema/${service}`]),
      ...(/^[a-z][a-z0-9]*\.[a-z][a-z0-9]*$/.test(namespace) ? [] : [`${where}: ${namespace} is no namespace`]),
      ...(first === index ? [] : [`${where} shares ${namespace} with ${namespaces[first]?.[0]}`]),
    ];
  });
}

function codeProblems(root: string, service: string): string[] {
  const says = (file: string, text: string) => {
    const path = `services/${service}/${file}`;
    const found = existsSync(join(root, path)) && readFileSync(join(root, path), 'utf8').includes(text);
    return found ? [] : [`${path} does not say ${text}`];
  };
  return [
    ...says('package.json', `"name": "@qtm/${service}-service"`),
    ...says('src/service.ts', `name: '${service}'`),
  ];
}
