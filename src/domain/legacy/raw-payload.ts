/**
 * What the predecessor stored of a pass: its rows, and the configuration they were made under. The configured points are
 * pixels of the camera's picture, the rows those of the cropped and scaled one: the points are moved there. Pure.
 */
import { StopsignError } from '../../errors.ts';
import type { Corner } from './overlap.ts';
import type { LegacyGeometry, LegacyRow } from './score-rows.ts';

/** Order of the columns when a row is a list and nothing else is said. */
export const ROW_COLUMNS = ['t', 'x', 'y', 'x1', 'y1', 'x2', 'y2', 'raw_speed'] as const;

const DEFAULT_THRESHOLD = 20;
const DEFAULT_MIN_ZONE_TIME_S = 0.2;

export interface RawPass {
  readonly rows: readonly LegacyRow[];
  /** Rows left out because they were no numbers, as the predecessor left them out. */
  readonly skipped: number;
  readonly geometry: LegacyGeometry;
}

export function isRawPayload(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && 'samples' in value && 'sample_schema' in value;
}

/** Throws BAD_INPUT where the configured geometry is none. */
export function readRawPayload(payload: Record<string, unknown>): RawPass {
  const config = child(payload, 'config_snapshot');
  const detection = child(config, 'stopsign_detection');
  const video = child(config, 'video_processing');
  const raw = child(child(payload, 'dimensions'), 'raw');
  const [width, height] = [Number(raw['width'] ?? 0), Number(raw['height'] ?? 0)];
  const scale = Number(video['scale'] || 1);
  const [top, side] = [Number(video['crop_top'] || 0), Number(video['crop_side'] || 0)];
  const toRows = ([x, y]: Corner): Corner =>
    width > 0 && height > 0 ? [(x - width * side) * scale, (y - height * top) * scale] : [x, y];
  const points = (key: string) => list(detection[key]).map((point) => toRows(cornerOf(point, key)));
  const columns = list(payload['sample_schema']).map(String);
  const samples = list(payload['samples']);
  const rows = samples.map((sample) => rowOf(sample, columns)).filter((row) => row !== null);
  return {
    rows,
    skipped: samples.length - rows.length,
    geometry: {
      zone: points('stop_zone'),
      preStopLine: points('pre_stop_line'),
      threshold: Number(detection['stop_speed_threshold'] || DEFAULT_THRESHOLD),
      minZoneTimeS: Number(detection['in_zone_time_threshold'] || DEFAULT_MIN_ZONE_TIME_S),
    },
  };
}

function cornerOf(point: unknown, key: string): Corner {
  if (Array.isArray(point) && point.length === 2 && point.every(Number.isFinite)) return [point[0], point[1]];
  throw new StopsignError('BAD_INPUT', `stopsign_detection.${key} has a point that is not two numbers`, {
    remedy: `write each corner of ${key} as [x, y], in pixels of the camera's picture`,
  });
}

/** From an object with the columns as keys, or a list in their order; null when a number is missing. */
export function rowOf(value: unknown, columns: readonly string[] = ROW_COLUMNS): LegacyRow | null {
  const at = (name: (typeof ROW_COLUMNS)[number]): number => {
    const cell = Array.isArray(value)
      ? value[columns.indexOf(name)]
      : (value as Record<string, unknown> | null)?.[name];
    return typeof cell === 'number' || (typeof cell === 'string' && cell.trim() !== '') ? Number(cell) : Number.NaN;
  };
  const [t, x, y, x1, y1, x2, y2, rawSpeed] = ROW_COLUMNS.map(at) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const row = { t, x, y, x1, y1, x2, y2, rawSpeed };
  return Object.values(row).every(Number.isFinite) ? row : null;
}

function child(parent: Record<string, unknown>, key: string): Record<string, unknown> {
  const value = parent[key];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
