/**
 * The hub's process, a child of the launcher. Settings come as JSON in STOPSIGN_HUB; when the ports are open it sends
 * `{type: 'ready', urls}` over IPC. Ends on SIGTERM, SIGINT, or when its parent is gone, within a second.
 */
import { describeError, StopsignError } from '../../errors.ts';
import { answerPings } from '../../telemetry/answer-pings.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { createLog } from '../../telemetry/log.ts';
import { Hub } from './hub.ts';
import { watchParent } from './lifeline.ts';
import { hubSettingsSchema, type ResolvedHubSettings } from './settings.ts';

const CLOSE_MS = 800;
const log = createLog({ process: 'hub' });
let hub: Hub | null = null;
let isClosing = false;

function close(reason: string): void {
  if (isClosing) return;
  isClosing = true;
  log.info({ reason }, 'hub closing');
  setTimeout(() => process.exit(0), CLOSE_MS);
  void (hub?.close() ?? Promise.resolve()).finally(() => process.exit(0));
}

function readSettings(): ResolvedHubSettings {
  const text = process.env['STOPSIGN_HUB'];
  const remedy = 'The launcher sets it; to start the hub alone, STOPSIGN_HUB={} takes the defaults.';
  if (text === undefined) throw new StopsignError('BAD_CONFIG', 'STOPSIGN_HUB is not set.', { remedy });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Not as the cause: the parser repeats its input, which may hold a camera's password.
    throw new StopsignError('BAD_CONFIG', 'STOPSIGN_HUB is not JSON.', { remedy });
  }
  const parsed = hubSettingsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') || 'STOPSIGN_HUB';
  throw new StopsignError('BAD_CONFIG', `The hub's setting ${where} is wrong: ${issue?.message}.`, { remedy });
}

function fail(cause: unknown): void {
  const error = StopsignError.from(cause);
  log.fatal({ code: error.code }, describeError(error));
  process.exit(error.exitCode);
}

process.on('SIGTERM', () => close('SIGTERM'));
process.on('SIGINT', () => close('SIGINT'));
// One viewer's WebRTC stack going wrong must not take the video from all others.
process.on('unhandledRejection', (cause) => log.error({ err: cause }, 'unexpected failure in a connection'));
process.on('uncaughtException', fail);
answerPings();
watchParent(() => close('parent is gone'));

try {
  const logLine = (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields = {}) =>
    log[level](fields, message);
  hub = await Hub.open(readSettings(), { clock: systemClock, log: logLine });
  log.info(hub.urls, 'hub open');
  process.send?.({ type: 'ready', urls: hub.urls });
} catch (cause) {
  fail(cause);
}
