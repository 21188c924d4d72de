/** `held_by` → `heldBy`, as the kit converts keys. */
export function camelCase(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `service_event` → `ServiceEvent`: the GraphQL type of an aggregate. */
export function pascalCase(name: string): string {
  return name.replaceAll(/(?:^|[_-])([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
