/**
 * Reads what `stopsign score --legacy` is given: lines `t;x,y;x1,y1,x2,y2;raw_speed` (an empty line begins the next
 * pass), NDJSON, or a JSON file; rows of one pass, or the predecessor's raw payloads. Each fault names file and line.
 */
import { readFileSync } from 'node:fs';
import type { Corner } from '../domain/legacy/overlap.ts';
import { isRawPayload, type RawPass, ROW_COLUMNS, readRawPayload, rowOf } from '../domain/legacy/raw-payload.ts';
import type { LegacyGeometry, LegacyRow } from '../domain/legacy/score-rows.ts';
import { StopsignError } from '../errors.ts';

export interface RowsPass {
  readonly rows: readonly LegacyRow[];
  readonly skipped: number;
  /** null: the file does not say, the command line must. */
  readonly geometry: LegacyGeometry | null;
}

const FORMATS =
  'Expected lines t;x,y;x1,y1,x2,y2;raw_speed, NDJSON objects with t, x, y, x1, y1, x2, y2, raw_speed, or raw payloads.';

/** @throws StopsignError INPUT_MISSING, BAD_INPUT */
export function readRowsFile(path: string): readonly RowsPass[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new StopsignError('INPUT_MISSING', `The rows ${path} cannot be read (${code}).`, {
      remedy: 'Correct the path.',
      cause,
    });
  }
  return parseRows(text, path);
}

/** @param path for the sentences */
export function parseRows(text: string, path: string): readonly RowsPass[] {
  const whole = text.trim();
  if (whole === '') throw wrong(`${path} is empty.`);
  const json = tryJson(whole);
  if (json !== undefined) return fromJson(json, path);
  const lines = text.split(/\r?\n/);
  return lines.some((line) => /^\s*[[{]/.test(line)) ? fromNdjson(lines, path) : fromLines(lines, path);
}

function fromLines(lines: readonly string[], path: string): readonly RowsPass[] {
  const passes: LegacyRow[][] = [[]];
  lines.forEach((line, i) => {
    const content = line.replace(/#.*/, '').trim();
    if (content === '') {
      if (line.trim() === '' && passes.at(-1)?.length !== 0) passes.push([]);
      return;
    }
    const fields = content.split(';').map((part) => part.split(','));
    const shape = fields.map((part) => part.length).join();
    if (shape !== '1,2,4,1') throw wrong(`${path}:${i + 1}: "${short(content)}" is no row.`);
    passes.at(-1)?.push(rowAt(fields.flat(), `${path}:${i + 1}`));
  });
  return passes.filter((rows) => rows.length > 0).map((rows) => ({ rows, skipped: 0, geometry: null }));
}

function fromNdjson(lines: readonly string[], path: string): readonly RowsPass[] {
  const passes: RowsPass[] = [];
  const rows: LegacyRow[] = [];
  lines.forEach((line, i) => {
    if (line.trim() === '') return;
    const value = tryJson(line);
    if (value === undefined) throw wrong(`${path}:${i + 1}: this is no JSON.`);
    if (isRawPayload(value)) {
      passes.push(readRawPayload(value) satisfies RawPass);
      return;
    }
    rows.push(rowAt(value, `${path}:${i + 1}`));
  });
  return rows.length > 0 ? [...passes, { rows, skipped: 0, geometry: null }] : passes;
}

function fromJson(value: unknown, path: string): readonly RowsPass[] {
  if (isRawPayload(value)) return [readRawPayload(value)];
  if (!Array.isArray(value)) return [{ rows: [rowAt(value, path)], skipped: 0, geometry: null }];
  if (value.length > 0 && value.every(isRawPayload)) return value.map(readRawPayload);
  const rows = value.map((row, i) => rowAt(row, `${path}, row ${i + 1}`));
  return [{ rows, skipped: 0, geometry: null }];
}

function rowAt(value: unknown, place: string): LegacyRow {
  const row = rowOf(value);
  if (row) return row;
  if (typeof value !== 'object' || value === null) throw wrong(`${place}: ${short(JSON.stringify(value))} is no row.`);
  const faulty = ROW_COLUMNS.filter((name, i) => {
    const cell = Array.isArray(value) ? value[i] : (value as Record<string, unknown>)[name];
    return !isNumeric(cell);
  });
  throw wrong(`${place}: ${faulty.join(', ')} must be ${faulty.length === 1 ? 'a number' : 'numbers'}.`);
}

/** As `rowOf` takes it: a number, or one in quotes. */
function isNumeric(cell: unknown): boolean {
  if (typeof cell === 'string') return cell.trim() !== '' && Number.isFinite(Number(cell));
  return Number.isFinite(cell);
}

/** `900,700 1150,700 …` or `[[900,700],[1150,700],…]`. @throws StopsignError BAD_USAGE */
export function parsePoints(text: string, flag: string): readonly Corner[] {
  const value =
    tryJson(text) ??
    text
      .trim()
      .split(/[\s;]+/)
      .map((point) => point.split(',').map(Number));
  const isPoint = (point: unknown): point is Corner =>
    Array.isArray(point) && point.length === 2 && point.every((n) => typeof n === 'number' && Number.isFinite(n));
  if (Array.isArray(value) && value.every(isPoint)) return value;
  throw new StopsignError('BAD_USAGE', `${flag} "${short(text)}" is no list of points.`, {
    remedy: 'Write it as "900,700 1150,700 1150,860" or as JSON: [[900,700],[1150,700],[1150,860]].',
  });
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wrong(message: string): StopsignError {
  return new StopsignError('BAD_INPUT', message, { remedy: FORMATS });
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
