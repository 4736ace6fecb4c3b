/** The pipeline as stages for the picture on the admin page: rooms of all cameras folded together. Pure. */
import type { SystemStatus } from '../../rpc/api/types.ts';
import type { ActorStatus } from '../../rpc/control.ts';
import type { ActorRates } from './rates.ts';

export type Health = 'good' | 'busy' | 'bad';

export interface FlowStage {
  readonly id: 'camera' | 'decoder' | 'inference' | 'tracker' | 'persister' | 'gateway';
  readonly name: string;
  readonly health: Health;
  /** Frames (or records) a second that go on from here; null while unknown. */
  readonly perSecond: number | null;
  readonly latencyMs: number | null;
  /** Dropped and skipped a second. */
  readonly lostPerSecond: number;
  /** In words, below the name. */
  readonly detail: string;
}

/** `decoder:demo` → `decoder` */
export function roomOf(actor: string): string {
  return actor.split(':', 1)[0] ?? actor;
}

export function actorHealth(actor: Pick<ActorStatus, 'state'>): Health {
  if (actor.state === 'running') return 'good';
  return actor.state === 'starting' || actor.state === 'stopping' ? 'busy' : 'bad';
}

export function flowStages(status: SystemStatus, rates: ReadonlyMap<string, ActorRates>): FlowStage[] {
  const room = (
    id: Exclude<FlowStage['id'], 'camera'>,
    name: string,
    end: 'in' | 'out',
    detail?: string,
  ): FlowStage => {
    const actors = status.actors.filter((actor) => roomOf(actor.name) === id);
    const known = actors.flatMap((actor) => rates.get(actor.name) ?? []);
    const latencies = actors.flatMap((actor) => actor.latencyMs ?? []);
    const worst = worstOf(actors.map(actorHealth));
    return {
      id,
      name,
      health: worst,
      perSecond: known.length > 0 ? known.reduce((sum, rate) => sum + rate[end], 0) : null,
      latencyMs: latencies.length > 0 ? Math.max(...latencies) : null,
      lostPerSecond: known.reduce((sum, rate) => sum + rate.dropped + rate.skipped, 0),
      detail: worst === 'good' ? (detail ?? 'running') : worstState(actors),
    };
  };
  const online = status.cameras.filter((camera) => camera.stream === 'online').length;
  const viewers = status.cameras.reduce((sum, camera) => sum + camera.viewers, 0);
  const camera: FlowStage = {
    id: 'camera',
    name: 'Camera',
    health: online === status.cameras.length && online > 0 ? 'good' : online > 0 ? 'busy' : 'bad',
    perSecond: status.cameras.reduce((sum, one) => sum + one.fps.decoded, 0),
    latencyMs: null,
    lostPerSecond: 0,
    detail:
      status.cameras.length === 1 ? (online ? 'online' : 'no frames') : `${online} of ${status.cameras.length} online`,
  };
  const database = { ok: 'database ok', spooling: 'spooling to disk', down: 'database down' }[status.database];
  const persister = room('persister', 'Persister', 'in', database);
  return [
    camera,
    room('decoder', 'Decoder', 'out'),
    room('inference', 'Inference', 'out', status.model.name),
    room('tracker', 'Tracker', 'out'),
    { ...persister, health: worstOf([persister.health, status.database === 'ok' ? 'good' : 'busy']) },
    room('gateway', 'Gateway', 'in', `${viewers} ${viewers === 1 ? 'viewer' : 'viewers'}`),
  ];
}

function worstOf(healths: readonly Health[]): Health {
  if (healths.length === 0 || healths.includes('bad')) return 'bad';
  return healths.includes('busy') ? 'busy' : 'good';
}

function worstState(actors: readonly ActorStatus[]): string {
  return actors.find((actor) => actor.state !== 'running')?.state ?? 'absent';
}
