/**
 * The analyzer process: reads what the launcher resolved, builds the plan, supervises it. Ends with the exit code of
 * the error that ended it; 70 asks the launcher (or Docker, systemd) for a restart, 64 says that restarting is no use.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Supervisor } from './actors/runtime/supervisor.ts';
import { analyzerBudget } from './analyzer-budget.ts';
import { ConditionWatch } from './condition-watch.ts';
import { calibrationVersion } from './config/config-version.ts';
import { runtimeSchema } from './config/runtime.ts';
import { endProcess } from './end-process.ts';
import { describeError, StopsignError } from './errors.ts';
import { machineMemory } from './machine/machine-memory.ts';
import { memoryLimit } from './machine/memory-budget.ts';
import { MemoryWatch } from './memory-watch.ts';
import { plan, SUPERVISOR_FACTS } from './plan.ts';
import type { Incident } from './rpc/control.ts';
import type { PartFault } from './rpc/fault.ts';
import { gatewayUrl } from './rpc/gateway-url.ts';
import { encodeRecord, type Fact, RECORD } from './rpc/records.ts';
import { SessionMeter } from './session-meter.ts';
import { firstTrackIds } from './store/first-track-ids.ts';
import { standingVehicles } from './store/standing-vehicles.ts';
import { answerPings } from './telemetry/answer-pings.ts';
import { systemClock } from './telemetry/clock.ts';
import { createLog } from './telemetry/log.ts';

const log = createLog({ process: 'analyzer' });
const CLOSE_WITHIN_MS = 4_000;

async function main(): Promise<void> {
  answerPings();
  const runtime = readRuntime();
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const names = runtime.cameras.map((camera) => camera.name);
  const ids = await firstTrackIds(runtime.databaseUrl, names, systemClock.nowUs(), runtime.dataDir);
  const recalling = runtime.cameras.map(({ name, site }) => ({ name, calibration: calibrationVersion(site) }));
  const standing = await standingVehicles(runtime.databaseUrl, recalling, runtime.dataDir);
  const supervisor = new Supervisor({
    plan: plan(runtime, { version, firstTrackIds: ids, standing }),
    clock: systemClock,
    log,
    root: new URL('.', import.meta.url),
    trusted: ['gateway'],
    ...(runtime.faults && { faults: { toLauncher: (fault: PartFault) => void process.send?.(fault) } }),
    newId: () => randomBytes(13).toString('hex'),
    onIncident: ({ id, actor, startedUtc, ...rest }) => {
      const detail = { actor, ...rest };
      if (rest.cause === 'frozen' && rest.resolvedUtc === null) {
        const event = { type: 'stream_frozen' as const, id: `${id}-frozen`, camera: actor.split(':')[1] ?? null };
        write({ kind: 'event', event: { ...event, ts_utc: startedUtc, detail: { incident: id } } });
      }
      write({
        kind: 'event',
        event: { type: 'incident', id, camera: actor.split(':')[1] ?? null, ts_utc: startedUtc, detail },
      });
    },
    onEscalation: (error) => {
      log.fatal({ err: error, code: error.code }, describeError(error));
      const end = () => endProcess(error.exitCode, describeError(error));
      setTimeout(end, CLOSE_WITHIN_MS).unref();
      // What the other threads know is brought to safety first.
      void supervisor.close().finally(end);
    },
  });
  const facts = supervisor.house.supervisorWriter(SUPERVISOR_FACTS);
  const write = (fact: Fact): void => {
    const isWritten = facts?.tryWrite(RECORD.facts, encodeRecord(fact));
    // The persister has taken none for so long that its ring is full of them.
    if (!isWritten) log.error({ fact }, 'a fact is lost');
  };
  const meter = new SessionMeter(names, supervisor, systemClock, (metrics) => write({ kind: 'metrics', metrics }));
  log.info(
    { ringMegabytes: Math.round(supervisor.house.bytes / 2 ** 20), actors: supervisor.house.names.length - 1 },
    'starting',
  );
  const conditions = new ConditionWatch(names, supervisor);
  const limitBytes = runtime.memoryLimitBytes ?? memoryLimit(analyzerBudget(names), machineMemory());
  const memory = new MemoryWatch({ limitBytes, supervisor });
  stopOn(async () => {
    conditions.close();
    memory.close();
    meter.close();
    await supervisor.close();
  });
  process.on('message', (message: { readonly type?: unknown; readonly incident?: Incident } | null) => {
    if (message?.type === 'incident' && message.incident) supervisor.adoptIncident(message.incident);
  });
  await supervisor.start();
  meter.start();
  conditions.start();
  memory.start();
  process.send?.({
    type: 'ready',
    url: gatewayUrl(runtime.gateway.host, supervisor.house.board.row('gateway').get('gauge0')),
  });
}

function readRuntime() {
  const parsed = runtimeSchema.safeParse(JSON.parse(process.env['STOPSIGN_RUNTIME'] ?? '{}'));
  if (parsed.success) return parsed.data;
  throw new StopsignError('BAD_CONFIG', `the analyzer was started with incomplete settings: ${parsed.error.message}`, {
    remedy: 'Start it with `npm start` or `stopsign up`.',
  });
}

/** SIGTERM, SIGINT, or the launcher's end of the channel closing: stop in order, then end; by force when that takes too long. */
function stopOn(close: () => Promise<void>): void {
  let stopping = false;
  const stop = (why: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ why }, 'stopping');
    setTimeout(() => endProcess(70, 'could not stop within its time'), CLOSE_WITHIN_MS).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'could not stop in order');
        endProcess(70, describeError(error));
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('disconnect', () => stop('the launcher is gone'));
}

main().catch((error: unknown) => {
  log.fatal({ err: error }, describeError(error));
  process.exit(StopsignError.from(error).exitCode);
});
