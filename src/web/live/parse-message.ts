/**
 * A light check at the border: enough that no later line stumbles over a missing field. Whatever does not fit is
 * dropped and counted by the caller; a newer server may send types this page does not know.
 */
import type { ServerMessage } from '../../rpc/live.ts';

type Fields = Readonly<Record<string, unknown>>;

export function parseMessage(text: string): ServerMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value) || value['v'] !== 1) return null;
  return isKnown(value) ? (value as unknown as ServerMessage) : null;
}

function isKnown(message: Fields): boolean {
  switch (message['type']) {
    case 'frame':
      return (
        areNumbers(message, 'ts_utc', 'frame', 'epoch', 'rtp') &&
        isSize(message['scaled_dimensions']) &&
        Array.isArray(message['tracks']) &&
        message['tracks'].every(isTrack)
      );
    case 'hello':
      return isZones(message['zones']) && isSize(message['scaled_dimensions']);
    case 'sr':
      return areNumbers(message, 'epoch', 'rtp', 'utc');
    case 'event':
      return isObject(message['event']) && typeof message['event']['type'] === 'string';
    case 'status':
      return typeof message['stream'] === 'string' && isObject(message['fps']) && isObject(message['latency_ms']);
    case 'pong':
      return areNumbers(message, 't0', 't1');
    default:
      return false;
  }
}

function isTrack(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value['id'] === 'number' &&
    Array.isArray(value['bbox']) &&
    value['bbox'].length === 4 &&
    value['bbox'].every(Number.isFinite)
  );
}

function isZones(value: unknown): boolean {
  return isObject(value) && Array.isArray(value['stop']) && Array.isArray(value['stop_line']);
}

function isSize(value: unknown): boolean {
  return isObject(value) && areNumbers(value, 'w', 'h');
}

function areNumbers(value: Fields, ...names: string[]): boolean {
  return names.every((name) => Number.isFinite(value[name]));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
