import { createReadStream } from 'node:fs';
import { parse } from 'csv-parse';

/** One service request as the city published it; texts as they are, control characters included. */
export interface SourceRow {
  /** Line of the file on which it begins. */
  readonly line: number;
  readonly key: string;
  readonly createdDate: string;
  /** Empty where the request was not closed. */
  readonly closedDate: string;
  readonly agency: string;
  readonly agencyName: string;
  readonly complaintType: string;
  readonly descriptor: string;
  readonly locationType: string;
  readonly zip: string;
  readonly address: string;
  readonly city: string;
  readonly borough: string;
  readonly status: string;
  readonly resolution: string;
  readonly channel: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

export interface BrokenRow {
  readonly line: number;
  readonly reason: string;
}

export interface Source {
  readonly rows: readonly SourceRow[];
  readonly broken: readonly BrokenRow[];
}

/** Columns that a file must have, in whatever order; others are not looked at. */
const COLUMNS = {
  key: 'unique_key',
  createdDate: 'created_date',
  closedDate: 'closed_date',
  agency: 'agency',
  agencyName: 'agency_name',
  complaintType: 'complaint_type',
  descriptor: 'descriptor',
  locationType: 'location_type',
  zip: 'incident_zip',
  address: 'incident_address',
  city: 'city',
  borough: 'borough',
  status: 'status',
  resolution: 'resolution_description',
  channel: 'open_data_channel_type',
  latitude: 'latitude',
  longitude: 'longitude',
} as const;

const NEEDED = ['key', 'createdDate', 'agency', 'complaintType', 'channel'] as const;

type Texts = Record<keyof typeof COLUMNS, string>;

/**
 * Reads a file of NYC 311 service requests. A row that cannot be used is reported with its line and does not keep the others.
 * @throws Error where the file cannot be read or lacks a column
 */
export async function readSource(file: string): Promise<Source> {
  const rows: SourceRow[] = [];
  const broken: BrokenRow[] = [];
  let header: readonly string[] | undefined;
  const keys = new Set<string>();
  const parser = createReadStream(file).pipe(
    // Bytes, not text: what is no UTF-8 is reported and never replaced.
    parse({ encoding: null, bom: true, info: true, relax_column_count: true, skip_empty_lines: true }),
  );
  let begins = 1;
  for await (const { record, info } of parser as AsyncIterable<{ record: Buffer[]; info: { lines: number } }>) {
    const line = begins;
    begins = info.lines + 1;
    if (header === undefined) {
      header = headerOf(record);
      continue;
    }
    const row = rowOf(header, record, line);
    if ('reason' in row) broken.push(row);
    else if (keys.has(row.key)) broken.push({ line, reason: `unique_key ${row.key} occurs before` });
    else {
      keys.add(row.key);
      rows.push(row);
    }
  }
  if (header === undefined) throw new Error(`${file} is empty`);
  return { rows, broken };
}

function headerOf(record: readonly Buffer[]): readonly string[] {
  const header = record.map((name) => name.toString('utf8').trim().toLowerCase().replaceAll(' ', '_'));
  const missing = Object.values(COLUMNS).filter((column) => !header.includes(column));
  if (missing.length > 0) throw new Error(`the file lacks the columns ${missing.join(', ')}`);
  return header;
}

function rowOf(header: readonly string[], record: readonly Buffer[], line: number): SourceRow | BrokenRow {
  if (record.length !== header.length) {
    return { line, reason: `${record.length} columns where the header has ${header.length}` };
  }
  let texts: Texts;
  try {
    texts = Object.fromEntries(
      Object.entries(COLUMNS).map(([field, column]) => [field, textOf(record[header.indexOf(column)], column)]),
    ) as Texts;
  } catch (error) {
    return { line, reason: (error as Error).message };
  }
  const missing = NEEDED.filter((field) => texts[field].trim() === '');
  if (missing.length > 0) return { line, reason: `${missing.map((field) => COLUMNS[field]).join(', ')} missing` };
  return { ...texts, line, latitude: degrees(texts.latitude), longitude: degrees(texts.longitude) };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Buffer | undefined, column: string): string {
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    throw new Error(`${column} is not UTF-8`);
  }
  if (text.includes('\0')) throw new Error(`${column} holds NUL`);
  return text;
}

function degrees(text: string): number | null {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? null : value;
}
