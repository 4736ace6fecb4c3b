/** A supervisor over fixture rooms, with everything it reports collected. */
import { pathToFileURL } from 'node:url';
import pino from 'pino';
import { type ChildSpec, DEFAULT_TIMES } from '../../src/actors/runtime/child-spec.ts';
import type { RingPlan } from '../../src/actors/runtime/plan.ts';
import { Supervisor } from '../../src/actors/runtime/supervisor.ts';
import type { StopsignError } from '../../src/errors.ts';
import type { Incident } from '../../src/rpc/control.ts';
import type { PartFault } from '../../src/rpc/fault.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { projectRoot } from './shared.ts';

export const child = (name: string, entry: string, over: Partial<ChildSpec> = {}): ChildSpec => ({
  ...DEFAULT_TIMES,
  silentMs: 800,
  nativeMs: 1_200,
  stallMs: 1_000,
  outputMs: 1_000,
  shutdownMs: 300,
  name,
  entry,
  reads: [],
  writes: [],
  settings: {},
  ...over,
});

export const records = (name: string, capacity = 65_536): RingPlan => ({ name, kind: 'records', spec: { capacity } });

/** @param toLauncher given: faults may be injected, and those for other processes arrive there */
export function openHouse(
  rings: readonly RingPlan[],
  children: readonly ChildSpec[],
  toLauncher?: (fault: PartFault) => void,
) {
  const incidents: Incident[] = [];
  const escalations: StopsignError[] = [];
  let id = 0;
  const supervisor = new Supervisor({
    plan: { rings, children },
    clock: systemClock,
    log: pino({ level: 'silent' }),
    root: pathToFileURL(`${projectRoot()}/test/fixtures/rooms/`),
    trusted: [],
    faults: toLauncher && { toLauncher },
    newId: () => `incident-${++id}`,
    onIncident: (incident) => incidents.push(incident),
    onEscalation: (error) => escalations.push(error),
  });
  return {
    supervisor,
    house: supervisor.house,
    incidents,
    escalations,
    [Symbol.asyncDispose]: () => supervisor.close(),
  };
}
