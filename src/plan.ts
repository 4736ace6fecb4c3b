/**
 * THE PLAN: every ring and every actor of one analyzer, as data. Read this file to know the house.
 *
 *   hub ─► decoder:c ══ frames:c ══► inference ══ detections:c ══► tracker:c ══ tracks:c ══► gateway
 *             ╚═════════ signals:c ═════════════════════════════════════╬═══════════════════► gateway
 *                                                                       ╠══ facts:c ══► persister
 *                                                                       ╚══ memory:c ══► its own successor
 *                                                        supervisor ═══ facts:supervisor ═══► persister
 */
import { join } from 'node:path';
import { decoderSpec } from './actors/decoder/spec.ts';
import { gatewaySpec } from './actors/gateway/spec.ts';
import type { InferenceSettings } from './actors/inference/settings.ts';
import { inferenceSpec } from './actors/inference/spec.ts';
import { persisterSpec } from './actors/persister/spec.ts';
import type { Plan, RingPlan } from './actors/runtime/plan.ts';
import { TRACKER_MEMORY_BYTES, trackerSpec } from './actors/tracker/spec.ts';
import { calibrationVersion } from './config/config-version.ts';
import type { Runtime } from './config/runtime.ts';
import type { StandingVehicle } from './domain/site-analyzer.ts';

/** Largest picture a camera may send; pages of a slot that no picture touches cost no memory. */
const MAX_WIDTH = 3840;
const MAX_HEIGHT = 2160;
const FRAME_SLOTS = 4;
const RECORD_BYTES = 2 ** 20;
const FACT_BYTES = 2 ** 22;

export const SUPERVISOR_FACTS = 'facts:supervisor';

export interface PlanExtras {
  readonly version: string;
  /** First track id of each camera: ids go on over a restart of the process. */
  readonly firstTrackIds: Readonly<Record<string, number>>;
  /** Vehicles that stood in front of each camera when the process before this one ended. */
  readonly standing?: Readonly<Record<string, readonly StandingVehicle[]>>;
}

/** Every ring by the cameras' names; also what the memory budget is made of. */
export function ringsOf(cameras: readonly string[]): readonly RingPlan[] {
  const records = (name: string, capacity = RECORD_BYTES): RingPlan => ({ name, kind: 'records', spec: { capacity } });
  return [
    ...cameras.flatMap((name): RingPlan[] => [
      {
        name: `frames:${name}`,
        kind: 'frames',
        spec: { slots: FRAME_SLOTS, maxWidth: MAX_WIDTH, maxHeight: MAX_HEIGHT, policy: 'live' },
      },
      records(`signals:${name}`),
      records(`detections:${name}`),
      records(`tracks:${name}`),
      records(`facts:${name}`, FACT_BYTES),
      records(`memory:${name}`, TRACKER_MEMORY_BYTES),
    ]),
    records(SUPERVISOR_FACTS),
  ];
}

export function plan(runtime: Runtime, extras: PlanExtras): Plan {
  const names = runtime.cameras.map((camera) => camera.name);
  return {
    rings: ringsOf(names),
    children: [
      gatewaySpec(runtime, extras.version),
      persisterSpec(runtime),
      ...runtime.cameras.map((camera) =>
        trackerSpec({
          camera: camera.name,
          site: camera.site,
          configVersion: camera.configVersion,
          calibration: calibrationVersion(camera.site),
          modelSha256: runtime.model.sha256,
          firstTrackId: extras.firstTrackIds[camera.name] ?? 1,
          stateFile: join(runtime.dataDir, 'trackers', `${encodeURIComponent(camera.name)}.state`),
          recall: [...(extras.standing?.[camera.name] ?? [])],
        }),
      ),
      inferenceSpec({
        cameras: names,
        model: {
          path: runtime.model.path,
          family: runtime.model.family ?? undefined,
          input: runtime.model.input ?? undefined,
          classes: runtime.model.classes ?? undefined,
        },
        minScore: runtime.model.minScore,
        nmsIou: runtime.model.nmsIou,
        threads: runtime.model.threads,
        images: Object.fromEntries(runtime.cameras.map(({ name, site }) => [name, site.image])),
        views: {
          dir: join(runtime.dataDir, 'views'),
          versions: Object.fromEntries(runtime.cameras.map(({ name, site }) => [name, calibrationVersion(site)])),
        },
        gates: gatesOf(runtime),
      }),
      ...runtime.cameras.map(({ name, frozen }) =>
        decoderSpec({
          camera: name,
          url: hubStream(runtime.hub, name),
          hubApi: runtime.hub.api,
          ...(runtime.hub.login && { hubLogin: runtime.hub.login }),
          sourceStallMs: 5_000,
          ...(frozen && { frozen: { afterS: frozen.after_s, ...(frozen.command && { command: frozen.command }) } }),
        }),
      ),
    ],
  };
}

/** The RTSP client takes the login out of the address before anything is shown or logged. */
function hubStream({ rtsp, login }: Runtime['hub'], camera: string): string {
  const who = login && `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@`;
  return `${who ? rtsp.replace('rtsp://', `rtsp://${who}`) : rtsp}/${camera}`;
}

/** The roads of the cameras whose frames are left out while they are empty. */
function gatesOf({ cameras }: Runtime): InferenceSettings['gates'] {
  const gated = cameras.filter(({ motionGate }) => motionGate);
  return Object.fromEntries(
    gated.map(({ name, site: { image, stop_line, approach, stop_zone, vehicles } }) => [
      name,
      { image, stop_line, approach, stop_zone, vehicles },
    ]),
  );
}
