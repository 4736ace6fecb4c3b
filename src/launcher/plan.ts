/**
 * The house as data: which parts there are, in which order, and how each is run. Pure but for the `start` functions it
 * hands out; called once by `run.ts`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO_CAMERA } from '../config/build-runtime.ts';
import { DIST_DIR } from '../config/project-files.ts';
import type { HubUrls, Runtime } from '../config/runtime.ts';
import type { ThreadBudget } from '../machine/thread-budget.ts';
import type { AccessSettings } from '../media/hub/access-settings.ts';
import type { CameraFaultKind } from '../rpc/fault.ts';
import { type ClockPlay, cameraCommand } from './camera-command.ts';
import { type ProcessHooks, type ProcessSpec, startChildProcess } from './child-process.ts';
import { clockList, waitForStart } from './clock-camera.ts';
import { openDatabasePart } from './database-part.ts';
import type { Facts, PartSpec } from './part.ts';
import { DEFAULT_LIMITS, type RestartLimits } from './restart-policy.ts';

/** What the built-in hub is told (STOPSIGN_HUB). */
export interface HubSettings {
  readonly bind: string;
  readonly rtspPort: number;
  readonly webrtcPort: number;
  readonly hlsPort: number;
  readonly apiPort: number;
  readonly webrtcUdpPort?: number;
  readonly webrtcUdpPorts?: readonly [from: number, to: number];
  readonly additionalHosts?: readonly string[];
  readonly maxViewers?: number;
  readonly access?: AccessSettings;
  readonly allowOrigins?: readonly string[];
  /** Cameras the hub pulls and offers under `name`. */
  readonly sources: readonly { readonly name: string; readonly url: string; readonly transport?: 'tcp' | 'udp' }[];
}

export interface HousePlan {
  readonly dataDir: string;
  /** null: somebody else's hub, nothing to start. */
  readonly hub: HubSettings | null;
  readonly hubUrls: HubUrls;
  /** The clip of the virtual camera; null: there are real cameras. */
  readonly demoClip: string | null;
  /** Its length in whole seconds when it has to keep time with the wall clock, because somebody knows its truth. */
  readonly demoClockS: number | null;
  /** null: the embedded Postgres. */
  readonly databaseUrl: string | null;
  /** Of the analyzer. */
  readonly threads: ThreadBudget;
  /** Built when the database's address is known. */
  runtime(databaseUrl: string): Runtime;
  readonly env: NodeJS.ProcessEnv;
}

/** The house can show something without its virtual camera, and the camera's end is mostly the hub's fault. */
const CAMERA_LIMITS: RestartLimits = { ...DEFAULT_LIMITS, maxRestarts: Number.POSITIVE_INFINITY, maxBackoffMs: 4_000 };
/**
 * With an arena for each thread glibc keeps memory of pictures long gone. onnxruntime reports what it runs to its maker
 * unless it is told not to before it loads (adr/0023); a thread could not tell it, as its environment is a copy.
 */
const NATIVE_DEFAULTS = { MALLOC_ARENA_MAX: '2', ORT_DISABLE_TELEMETRY: '1' };
const HUB_POOL_THREADS = 16;
/**
 * Between SIGTERM and SIGKILL. A little more than analyzer (4 s) and hub (0.8 s) give themselves, so that each ends by
 * its own hand; together, as the hub ends after the analyzer, still below the 5 s in which the house promises to end.
 */
const ANALYZER_STOP_MS = 4_100;
const HUB_STOP_MS = 850;
/** A main thread that gives no answer for this long hangs: the process is ended, and started again. */
const ANSWERS_WITHIN_MS = 2_000;

export function partsOf(plan: HousePlan, hooks: ProcessHooks, postgresLog: PostgresLog): readonly PartSpec[] {
  const parts: PartSpec[] = [];
  if (plan.databaseUrl === null) {
    parts.push({
      name: 'postgres',
      after: [],
      limits: DEFAULT_LIMITS,
      start: (_, signal) => openDatabasePart(join(plan.dataDir, 'postgres'), postgresLog, signal),
    });
  }
  if (plan.hub) parts.push(processPart([], DEFAULT_LIMITS, hooks, () => hubProcess(plan, plan.hub as HubSettings)));
  if (plan.demoClip) {
    const clip = plan.demoClip;
    parts.push(
      plan.demoClockS === null
        ? {
            ...processPart(['hub'], CAMERA_LIMITS, hooks, (_, fault) => cameraProcess(plan, clip, clip, fault)),
            waitsForOthers: true,
          }
        : clockCameraPart(plan, clip, plan.demoClockS, hooks),
    );
  }
  parts.push(processPart(['postgres', 'hub'], DEFAULT_LIMITS, hooks, (facts) => analyzerProcess(plan, facts)));
  const names = parts.map((part) => part.name);
  return parts.map((part) => ({ ...part, after: part.after.filter((name) => names.includes(name)) }));
}

type PostgresLog = Parameters<typeof openDatabasePart>[1];

function processPart(
  after: readonly string[],
  limits: RestartLimits,
  hooks: ProcessHooks,
  spec: (facts: ReadonlyMap<string, Facts>, fault: CameraFaultKind | null) => ProcessSpec,
): PartSpec {
  return {
    name: spec(new Map(), null).name,
    after,
    limits,
    start: (facts, signal, fault = null) => startChildProcess(spec(facts, fault), hooks, signal),
  };
}

function hubProcess(plan: HousePlan, settings: HubSettings): ProcessSpec {
  const env = { STOPSIGN_HUB: JSON.stringify(settings) };
  return nodeProcess('hub', 'media/hub/main.js', plan, env, HUB_STOP_MS, HUB_POOL_THREADS);
}

function analyzerProcess(plan: HousePlan, facts: ReadonlyMap<string, Facts>): ProcessSpec {
  const databaseUrl = plan.databaseUrl ?? facts.get('postgres')?.['url'] ?? '';
  const runtime = JSON.stringify(plan.runtime(databaseUrl));
  const env = { STOPSIGN_RUNTIME: runtime };
  return nodeProcess('analyzer', 'main.js', plan, env, ANALYZER_STOP_MS, plan.threads.poolThreads);
}

function nodeProcess(
  name: string,
  entry: string,
  plan: HousePlan,
  env: NodeJS.ProcessEnv,
  stopMs: number,
  poolThreads: number,
): ProcessSpec {
  const file = join(DIST_DIR, entry);
  return {
    name,
    command: [process.execPath, file],
    env: { UV_THREADPOOL_SIZE: String(poolThreads), ...NATIVE_DEFAULTS, ...plan.env, ...env },
    ready: { by: 'message', withinMs: 30_000 },
    stopMs,
    answersWithinMs: ANSWERS_WITHIN_MS,
    marker: file,
  };
}

function cameraProcess(
  plan: HousePlan,
  input: string | ClockPlay,
  marker: string,
  fault: CameraFaultKind | null,
): ProcessSpec {
  return {
    name: 'camera',
    command: cameraCommand(input, `${plan.hubUrls.rtsp}/${DEMO_CAMERA}`, fault),
    env: plan.env,
    ready: { by: 'spawned' },
    stopMs: 700,
    marker,
  };
}

/** Waits up to a second for its moment; the other parts start meanwhile. */
function clockCameraPart(plan: HousePlan, clip: string, durationS: number, hooks: ProcessHooks): PartSpec {
  const list = join(plan.dataDir, 'camera.ffconcat');
  return {
    name: 'camera',
    after: ['hub'],
    limits: CAMERA_LIMITS,
    waitsForOthers: true,
    async start(_, signal, fault = null) {
      const startUtcS = await waitForStart(signal);
      writeFileSync(list, clockList(clip, durationS, startUtcS));
      return startChildProcess(cameraProcess(plan, { list, startUtcS }, list, fault), hooks, signal);
    },
  };
}
