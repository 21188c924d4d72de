import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import { parseDocument } from 'yaml';

/** Matrix files that are missing or not of the form `schema/authority.schema.json` gives, one line each. */
export function matrixProblems(root: string, services: readonly string[]): string[] {
  const form = JSON.parse(readFileSync(join(root, 'schema/authority.schema.json'), 'utf8'));
  const validate = new Ajv2020.default({ allErrors: true }).compile(form);
  return services.flatMap((service) => {
    const path = `schema/${service}/authority.yaml`;
    if (!existsSync(join(root, path))) return [`${path} is missing`];
    const document = parseDocument(readFileSync(join(root, path), 'utf8'));
    if (document.errors.length > 0) return document.errors.map((error) => `${path}: ${error.message}`);
    const rows: unknown = document.toJS();
    if (!validate(rows))
      return (validate.errors ?? []).map((error) => `${path}${error.instancePath}: ${error.message}`);
    return repeated(rows as readonly { transition: string }[]).map((name) => `${path}: two rows for ${name}`);
  });
}

function repeated(rows: readonly { transition: string }[]): string[] {
  const names = rows.map(({ transition }) => transition);
  return names.filter((name, index) => names.indexOf(name) !== index);
}
