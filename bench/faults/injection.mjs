/** One fault: injected, noticed, recovered from. */
import { pause } from './pause.mjs';

const LOOK_MS = 50;
const NOTICED_WITHIN_MS = 30_000;
export const RECOVERED_WITHIN_MS = 90_000;
export const WRONG_AFTER_MS = 6_000;
const CONTROL_MS = 6_000;
const WELL_FOR_MS = 1_000;

/** Resolves with what was seen. Rejects when the house was not well before, or refuses the fault. */
export async function suffer(house, fault) {
  await house.healthy(RECOVERED_WITHIN_MS);
  await house.fetchPasses();
  const known = await house.incidentIds();
  const exitsBefore = { ...house.exits };
  const injectedMs = performance.now();
  const injectedUtc = Date.now() / 1000;
  if (fault.kind !== 'nothing') await house.inject(fault);
  const seen =
    fault.kind === 'nothing'
      ? await nothing(house, injectedUtc, known)
      : await watch(house, fault, { injectedMs, injectedUtc, known });
  const exits = Object.entries(house.exits).map(([part, n]) => [part, n - (exitsBefore[part] ?? 0)]);
  return {
    room: fault.room,
    kind: fault.kind,
    injectedUtc,
    ...seen,
    framesLost: house.lostSince(injectedUtc),
    exits: Object.fromEntries(exits.filter(([, n]) => n > 0)),
    endedUtc: Date.now() / 1000,
  };
}

async function watch(house, fault, { injectedMs, injectedUtc, known }) {
  const lastsMs = fault.lasts ? fault.seconds * 1_000 : 0;
  let incident = null;
  let wellSinceMs = null;
  let sawOutage = false;
  let wrong = 0;
  for (;;) {
    const isReady = await house.isReady();
    const nowMs = performance.now();
    const waitedMs = nowMs - injectedMs;
    if (isReady && nowMs - house.lastFrameMs > WRONG_AFTER_MS) wrong += 1;
    if (!isReady || !house.isFlowing) {
      sawOutage = true;
      wellSinceMs = null;
    } else wellSinceMs ??= nowMs;
    incident ??= await house.incidentSince(injectedUtc, known);
    const isWell = wellSinceMs !== null && nowMs - wellSinceMs > WELL_FOR_MS;
    if (incident && isWell && waitedMs > Math.max(lastsMs, 1_000)) break;
    if ((!incident && waitedMs > lastsMs + NOTICED_WITHIN_MS) || waitedMs > lastsMs + RECOVERED_WITHIN_MS) break;
    await pause(LOOK_MS);
  }
  const detectedMs = incident ? (incident.startedUtc - injectedUtc) * 1000 : null;
  return {
    cause: incident ? `${incident.stage} ${incident.cause}` : null,
    detectedMs,
    recoveredMs: recovered({ fault, lastsMs, detectedMs, injectedMs, wellSinceMs, sawOutage }),
    wrong,
  };
}

/** From the injection; from the fault's end where it lasts; from its being noticed where it ends with the thread. */
function recovered({ fault, lastsMs, detectedMs, injectedMs, wellSinceMs, sawOutage }) {
  if (wellSinceMs === null) return null;
  const afterMs = sawOutage ? wellSinceMs - injectedMs : 0;
  if (fault.lasts) return Math.max(0, afterMs - lastsMs);
  if (fault.dies) return Math.max(0, afterMs - (detectedMs ?? 0));
  return Math.max(afterMs, detectedMs ?? 0);
}

async function nothing(house, injectedUtc, known) {
  await pause(CONTROL_MS);
  const seen = await house.incidentSince(injectedUtc, known);
  return { cause: seen ? `${seen.stage} ${seen.cause}` : null, detectedMs: 0, recoveredMs: 0, wrong: 0 };
}
