/**
 * What a box changes about the vehicle it belongs to: its samples, whom it has in front, whether it stands or is parked,
 * and whether its pass begins or ends. Called by site-analyzer.ts for each vehicle that is seen in a frame.
 */
import { boxSample } from '../evidence/box-sample.ts';
import { leadOf } from '../stop/lead-vehicle.ts';
import { liveMotion } from '../stop/live-motion.ts';
import { isFrontInZone, updatePassGate } from '../stop/pass-gate.ts';
import { thin } from '../stop/sample.ts';
import { isParkedNow, standingBox, updateStanding } from '../stop/standing.ts';
import type { Vehicle } from '../stop/vehicle.ts';
import type { Detection } from '../types.ts';
import type { AnalyzerState } from './analyzer-state.ts';
import { closePass, findUnseen } from './end-pass.ts';
import type { Output } from './step-output.ts';

const SLOW_FACTOR = 2;
const TO_MPS = { 'km/h': 1 / 3.6, mph: 0.44704 } as const;

/** Takes a box into the vehicle's history. */
export function see(state: AnalyzerState, vehicle: Vehicle, detection: Detection, tsUtc: number): void {
  vehicle.see(detection, tsUtc);
  const { bbox: box, score } = detection;
  const memory = { before: vehicle.samples.at(-1), lengthM: vehicle.lengthM };
  const { sample, lengthM } = boxSample(state.geometry, vehicle.class, { tsUtc, box, score }, memory);
  vehicle.lengthM = lengthM;
  vehicle.samples.push(sample);
  thin(vehicle.samples);
}

export function findLeads(state: AnalyzerState, seen: readonly Vehicle[], tsUtc: number): void {
  const onRoad = [...state.vehicles.values()]
    .filter((vehicle) => tsUtc - vehicle.lastUtc <= 1)
    .map((vehicle) => ({ vehicle, latest: vehicle.latest, isStanding: vehicle.standing.isStanding }));
  for (const self of onRoad) {
    if (seen.includes(self.vehicle)) self.latest.lead = leadOf(self, onRoad);
  }
}

export function follow(state: AnalyzerState, vehicle: Vehicle, out: Output): void {
  const { geometry, options, parking } = state;
  const { standing, gate } = vehicle;
  const now = vehicle.lastUtc;
  vehicle.motion = liveMotion(geometry, vehicle.samples);
  const limit = SLOW_FACTOR * options.site.policy.stop_speed * TO_MPS[options.site.units];
  const change = updateStanding(standing, vehicle.samples, (vehicle.motion.speedMps ?? 0) < limit);
  if (change?.type === 'moved_off' && standing.isParked) {
    standing.isParked = false;
    out.moment(state.options.camera, vehicle, 'unparked', change.tsUtc);
  }
  if (change) out.moment(state.options.camera, vehicle, change.type, change.tsUtc);
  const isInside = isFrontInZone(geometry, vehicle.latest);
  if (!standing.isParked && isParkedNow(standing, now, isInside, parking)) {
    standing.isParked = true;
    out.moment(state.options.camera, vehicle, 'parked', now);
  }
  vehicle.track.place = standing.isStanding ? standingBox(standing) : null;
  vehicle.track.isParked = standing.isParked;
  if (gate.state === 'closed') findUnseen(state, vehicle);
  const passed = updatePassGate(gate, geometry, vehicle.samples, standing.isStanding);
  if (passed === 'opened') {
    vehicle.verdict = null;
    out.moment(state.options.camera, vehicle, 'zone_entered', now);
  } else if (passed !== null) {
    out.moment(state.options.camera, vehicle, 'zone_left', now);
    closePass(state, vehicle, passed, out);
  }
}
