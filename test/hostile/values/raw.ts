/** JSON that JavaScript would not write, such as a number beyond its own, or 5,000 brackets: put into the text as it stands. */
export function raw(json: string): string {
  return `@raw:${json}@`;
}

const RAW = /"@raw:([^"@]*)@"/g;

/** The JSON text of a value, with what is raw in it as it stands. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value).replaceAll(RAW, (_, json: string) => json);
}
