import { type Contract, type JsonSchema, resolveRef, type SchemaFile } from './contract.ts';

/** One field of a published object, flat: what a consumer reads in a table. */
export interface Field {
  /** Path from the object: `a.b` within objects, `a[].b` within lists. */
  readonly path: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly personal: boolean;
  readonly description: string;
}

/** The fields of the object that `schema` of `file` describes, in the order of the schema, down to their leaves. */
export function fieldsOf(contract: Contract, file: SchemaFile, schema: JsonSchema = file.schema, prefix = ''): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    fieldAndInner(contract, file, property, `${prefix}${name}`),
  );
}

function fieldAndInner(contract: Contract, file: SchemaFile, property: JsonSchema, path: string): Field[] {
  const { branch, nullable } = withoutNull(property);
  const [target, schema] = follow(contract, file, branch);
  const own: Field = {
    path,
    type: typeOf(schema),
    nullable,
    personal: property['x-personal'] === true,
    description: property.description ?? schema.description ?? '',
  };
  if (own.personal) return [own];
  if (schema.type === 'array' && schema.items !== undefined) {
    const [itemFile, item] = follow(contract, target, schema.items);
    return [{ ...own, type: `list of ${typeOf(item)}` }, ...fieldsOf(contract, itemFile, item, `${path}[].`)];
  }
  return [own, ...fieldsOf(contract, target, schema, `${path}.`)];
}

/** The schema a reference leads to, with the file its own references are read from. */
function follow(contract: Contract, file: SchemaFile, schema: JsonSchema): [SchemaFile, JsonSchema] {
  const target = schema.$ref === undefined ? undefined : resolveRef(contract, file.path, schema.$ref);
  return target === undefined ? [file, schema] : [target, target.schema];
}

function withoutNull(schema: JsonSchema): { branch: JsonSchema; nullable: boolean } {
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) {
    const [branch = schema, ...others] = branches.filter((candidate) => candidate.type !== 'null');
    return { branch: others.length === 0 ? branch : schema, nullable: branches.some(({ type }) => type === 'null') };
  }
  return { branch: schema, nullable: Array.isArray(schema.type) && schema.type.includes('null') };
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined)
    return schema.enum
      .filter((value) => value !== null)
      .map(literal)
      .join(', ');
  if (schema.title === 'Instant') return 'instant';
  const types = [schema.type ?? 'object'].flat().filter((type) => type !== 'null');
  return schema.format === undefined ? types.join(' or ') : schema.format;
}

function literal(value: unknown): string {
  return `\`${String(value)}\``;
}
