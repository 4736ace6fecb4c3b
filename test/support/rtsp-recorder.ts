/** An RtspClient that writes down everything it says. */
import type { AccessUnit } from '../../src/media/access-unit.ts';
import { RtspClient, type RtspClientOptions, type RtspClientState } from '../../src/media/rtsp/rtsp-client.ts';
import { systemClock } from '../../src/telemetry/clock.ts';

export interface RtspRecorder extends AsyncDisposable {
  readonly client: RtspClient;
  readonly units: AccessUnit[];
  readonly reports: { epoch: number; rtp: number; utcUs: number }[];
  readonly states: RtspClientState[];
}

/** Starts it at once. */
export function recordRtsp(url: string, options: Partial<RtspClientOptions> = {}): RtspRecorder {
  const units: AccessUnit[] = [];
  const reports: { epoch: number; rtp: number; utcUs: number }[] = [];
  const states: RtspClientState[] = [];
  const client = new RtspClient({
    url,
    clock: systemClock,
    onUnit: (unit) => units.push(unit),
    onSenderReport: (report) => reports.push(report),
    onState: (state) => states.push(state),
    ...options,
  });
  client.start();
  return { client, units, reports, states, [Symbol.asyncDispose]: () => client.close() };
}
