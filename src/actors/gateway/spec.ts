/** The gateway's entry in the plan. Called by src/plan.ts, main thread. */
import type { Runtime } from '../../config/runtime.ts';
import { type ChildSpec, DEFAULT_TIMES } from '../runtime/child-spec.ts';
import type { GatewaySettings } from './settings.ts';

export function gatewaySpec(runtime: Runtime, version: string): ChildSpec {
  const { cameras, gateway, allowOrigins = [], hub, model, webDir, databaseUrl, adminToken, viewers } = runtime;
  const settings: GatewaySettings = {
    ...gateway,
    allowOrigins,
    webDir,
    hub,
    cameras: cameras.map(({ name, site, demo, truth }) => ({ name, site, demo, truth })),
    databaseUrl,
    adminToken,
    viewers,
    version,
    model: { name: model.name, sha256: model.sha256 },
  };
  return {
    ...DEFAULT_TIMES,
    name: 'gateway',
    entry: 'actors/gateway/worker.js',
    reads: settings.cameras.flatMap(({ name }) => [`tracks:${name}`, `signals:${name}`]),
    writes: [],
    settings,
    readyMs: 10_000,
    // All of it counts as native code (docs/adr/0010), but no call in it takes long.
    nativeMs: DEFAULT_TIMES.silentMs,
  };
}
