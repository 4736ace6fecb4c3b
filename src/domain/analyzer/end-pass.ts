/**
 * The end of a pass, or of a vehicle: judged over its outages, held back when the view cannot be trusted, told with its
 * samples and evidence. Called by follow-vehicle.ts and site-analyzer.ts.
 */
import { eventId } from '../event-id.ts';
import { passEvent } from '../evidence/pass-event.ts';
import { packEvidence } from '../evidence/pass-evidence.ts';
import { judgeOverOutages } from '../outage/judge-outage.ts';
import { gapsAround, outagesAround } from '../outage/outage-watch.ts';
import { cameThrough, openUnseen, wentThrough } from '../outage/unseen-way.ts';
import type { PassEnding } from '../stop/judge-pass.ts';
import { trackInfo, type Vehicle } from '../stop/vehicle.ts';
import { lineCrossing } from '../view-watch/line-crossing.ts';
import { toldSamples } from '../view-watch/view-trust.ts';
import type { AnalyzerState } from './analyzer-state.ts';
import type { Output } from './step-output.ts';

/** Two wheels choose their own way. */
const KEEPS_LANE: readonly string[] = ['car', 'truck', 'bus'];

/** Beyond the line after an outage: the pass was not seen to begin. */
export function findUnseen({ geometry, outages }: AnalyzerState, { gate, samples, firstUtc, lastUtc }: Vehicle): void {
  const around = gapsAround(outages, firstUtc, lastUtc);
  if (around.some((outage) => cameThrough(geometry, samples, outage))) openUnseen(gate, lastUtc);
}

/** Gone after an outage into which it drove: it may have passed in it. */
export function openUntold({ geometry, outages }: AnalyzerState, vehicle: Vehicle): void {
  const { gate, samples, firstUtc, lastUtc, standing } = vehicle;
  if (gate.state !== 'closed' || standing.isParked) return;
  const around = gapsAround(outages, firstUtc, lastUtc);
  if (around.some((outage) => wentThrough(geometry, samples, outage))) openUnseen(gate, lastUtc);
}

export function endVehicle(state: AnalyzerState, vehicle: Vehicle, ending: PassEnding, out: Output): void {
  // The pass of a part is that of the whole.
  if (!vehicle.track.isPart) openUntold(state, vehicle);
  if (!vehicle.track.isPart && vehicle.gate.state === 'open') closePass(state, vehicle, ending, out);
  out.ended.push(trackInfo(vehicle, state.options.site));
}

export function closePass(state: AnalyzerState, vehicle: Vehicle, ending: PassEnding, out: Output): void {
  const { options, geometry } = state;
  const { samples, class: vehicleClass } = vehicle;
  const pass = { geometry, site: options.site, samples, vehicleClass, ending };
  let outages = outagesAround(state.outages, vehicle.firstUtc, vehicle.lastUtc);
  let judged = judgeOverOutages({ ...pass, outages });
  if (!judged) {
    // Too little was seen of it: is that because frames come so rarely?
    outages = gapsAround(state.outages, vehicle.firstUtc, vehicle.lastUtc);
    judged = judgeOverOutages({ ...pass, outages });
  }
  if (!judged) return;
  const event = passEvent(judged, {
    // Of when it was opened, not of when the judge has it enter: told again after a restart, it has the same id.
    id: eventId(vehicle.gate.openedUtc, options.camera, 'pass', vehicle.id),
    camera: options.camera,
    track_id: vehicle.id,
    vehicle: vehicleClass,
    config_version: options.configVersion,
    model_sha256: options.modelSha256,
  });
  const firstUtc = samples[0]?.tsUtc ?? event.entered_utc;
  const crossing = ending === 'crossed' && geometry.mode === 'ground' ? lineCrossing(samples) : null;
  if (crossing && KEEPS_LANE.includes(vehicleClass)) {
    out.conditions.push(...state.trust.watch(crossing, firstUtc, event.exited_utc));
  }
  const told = state.trust.judge(event, firstUtc);
  vehicle.verdict = told.verdict;
  out.events.push(told);
  out.passSamples[event.id] = toldSamples(told, judged.samples);
  const { width, height } = options.site.image;
  const about = { vehicle: vehicleClass, ending, isSuspended: told !== event, image: { width, height } };
  const lived = outages.map(({ fromUtc, toUtc }) => [fromUtc, toUtc] as const);
  out.passEvidence[event.id] = packEvidence(samples, { ...about, ...(lived.length > 0 && { outages: lived }) });
}
