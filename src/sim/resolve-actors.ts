/**
 * From what the file says an actor does to what it is: lanes, slowdowns, times. A queue is worked out here: its members
 * stand behind each stand of the one before them until that one has gone. Called by scenario-file.ts; pure.
 */
import { bodySize } from './body-shape.ts';
import { ImpossiblePlan } from './kinematics/plan-drive.ts';
import { movingBody, plannedDrive } from './moving-body.ts';
import type { ActorSpec, DriverSpec, Handling, Slowdown } from './scenario.ts';
import type { ActorFile } from './scenario-schema.ts';

/** What an actor cannot do; the place in the file by index and key. */
export class ActorFault extends Error {
  readonly index: number;
  readonly key: string;

  /** @param message a sentence that follows "file:line:col actors[i].key: " */
  constructor(index: number, key: string, message: string) {
    super(message);
    this.index = index;
    this.key = key;
  }
}

/** Where vehicles enter and leave the world, metres along their lane. */
const ENTERS_M = { judged: -60, oncoming: -45, cross: -35 } as const;
const LEAVES_M = { judged: 45, oncoming: 65, cross: 30 } as const;
/** A follower must come to rest at least this long before the one in front has gone, or it is no queue. */
const LEAST_WAIT_S = 0.1;

/** Throws ActorFault. */
export function resolveActors(files: readonly ActorFile[]): ActorSpec[] {
  const specs: ActorSpec[] = [];
  files.forEach((file, index) => {
    if (specs.some(({ id }) => id === file.id))
      throw new ActorFault(index, 'id', `expected an id of its own, "${file.id}" is taken.`);
    const spec = resolveActor(file, index, specs);
    try {
      movingBody(spec, false);
    } catch (error) {
      if (!(error instanceof ImpossiblePlan)) throw error;
      throw new ActorFault(
        index,
        'does',
        `expected a way that can be driven, but slowdown ${error.place + 1} ${error.message}.`,
      );
    }
    specs.push(spec);
  });
  return specs;
}

function resolveActor(file: ActorFile, index: number, before: readonly ActorSpec[]): ActorSpec {
  switch (file.does) {
    case 'stop':
      return {
        ...driver(file, index),
        slowdowns: [...earlier(file.earlier), { beforeLineM: file.gap_m, speedMps: 0, standS: file.stand_s }],
        timedPlace: file.earlier.length,
      };
    case 'roll':
      return {
        ...driver(file, index),
        slowdowns: [...earlier(file.earlier), { beforeLineM: file.at_m, speedMps: file.min_mps, standS: 0 }],
        timedPlace: file.earlier.length,
      };
    case 'run':
      return driver(file, index);
    case 'cross':
      return {
        ...driver(file, index),
        lane: file.from === 'near' ? 'cross_far' : 'cross_near',
        ...span(file, 'cross'),
      };
    case 'oncoming':
      return { ...driver(file, index), lane: 'oncoming', ...span(file, 'oncoming') };
    case 'queue':
      return queued(file, index, before);
    case 'parked':
      return { does: 'parked', ...base(file), at: file.at, headingRad: (file.heading_deg * Math.PI) / 180 };
    case 'park_and_leave':
      return {
        does: 'park_and_leave',
        ...base(file),
        lane: 'judged',
        beforeLineM: file.before_line_m,
        kerbOffsetM: file.kerb_offset_m,
        timeS: file.time_s,
        standS: file.stand_s,
        approachMps: file.approach_mps,
        leaveMps: file.leave_mps ?? file.approach_mps,
        handling: handling(file),
        ...span(file, 'judged'),
        slowdowns: file.afterwards ? last(file.afterwards) : [],
      };
    case 'walk':
      return {
        does: 'walk',
        ...base(file),
        from: file.from,
        to: file.to,
        startS: file.start_s,
        speedMps: file.speed_mps,
      };
  }
}

type DriverFile = Extract<ActorFile, { offset_m: number }>;

function driver(file: DriverFile, index: number): DriverSpec {
  if (file.body === 'pedestrian') throw new ActorFault(index, 'body', 'expected a body on wheels, found "pedestrian".');
  return {
    does: 'drive',
    ...base(file),
    lane: 'judged',
    offsetM: file.offset_m,
    timeS: file.time_s,
    timedPlace: null,
    approachMps: file.approach_mps,
    leaveMps: file.leave_mps ?? file.approach_mps,
    handling: handling(file),
    slowdowns: [],
    ...span(file, 'judged'),
    turn: 'turn' in file ? file.turn : 'straight',
    behind: null,
  };
}

function queued(file: Extract<ActorFile, { does: 'queue' }>, index: number, before: readonly ActorSpec[]): DriverSpec {
  const leader = before.find(({ id }) => id === file.behind);
  if (leader?.does !== 'drive' || leader.lane !== 'judged') {
    throw new ActorFault(
      index,
      'behind',
      `expected the id of an actor above that stops on the judged lane, found "${file.behind}".`,
    );
  }
  const lead = plannedDrive(leader);
  const backM = bodySize(leader.body).lengthM + file.gap_m;
  const slowdowns: Slowdown[] = [];
  let spec: DriverSpec = { ...driver(file, index), timedPlace: 0, behind: leader.id };
  leader.slowdowns.forEach((place, k) => {
    if (place.standS === 0) return;
    const goesS = (lead.reachedS[k] ?? 0) + place.standS + file.reaction_s;
    const here: Slowdown = { beforeLineM: place.beforeLineM + backM, speedMps: 0, standS: 0 };
    const arrivesS = arrival({ ...spec, slowdowns: [...slowdowns, here] }, index);
    if (arrivesS > goesS - LEAST_WAIT_S) {
      if (slowdowns.length === 0) {
        throw new ActorFault(
          index,
          'time_s',
          `expected a time before ${(goesS - LEAST_WAIT_S).toFixed(2)}, when "${leader.id}" has gone on, found ${file.time_s}.`,
        );
      }
      return;
    }
    slowdowns.push({ ...here, standS: goesS - arrivesS });
    spec = { ...spec, slowdowns: [...slowdowns] };
  });
  if (slowdowns.length === 0)
    throw new ActorFault(index, 'behind', `expected an actor that stands somewhere, "${leader.id}" does not.`);
  return { ...spec, slowdowns: [...slowdowns, ...last(file.afterwards)] };
}

/** When the driver reaches its last slowdown. */
function arrival(spec: DriverSpec, index: number): number {
  try {
    return plannedDrive(spec).reachedS.at(-1) ?? 0;
  } catch (error) {
    if (!(error instanceof ImpossiblePlan)) throw error;
    throw new ActorFault(index, 'behind', `expected room to stand behind, but it ${error.message}.`);
  }
}

type Last = Extract<ActorFile, { does: 'queue' }>['afterwards'];

function last(what: Last): Slowdown[] {
  if (what.does === 'stop') return [{ beforeLineM: what.gap_m, speedMps: 0, standS: what.stand_s }];
  if (what.does === 'roll') return [{ beforeLineM: what.at_m, speedMps: what.min_mps, standS: 0 }];
  return [];
}

function earlier(slowdowns: readonly { before_line_m: number; speed_mps: number; stand_s: number }[]): Slowdown[] {
  return slowdowns.map((place) => ({
    beforeLineM: place.before_line_m,
    speedMps: place.speed_mps,
    standS: place.speed_mps > 0 ? 0 : place.stand_s,
  }));
}

function handling(file: { brake_mps2: number; pull_mps2: number; jerk_mps3?: number | undefined }): Handling {
  return { brakeMps2: file.brake_mps2, pullMps2: file.pull_mps2, jerkMps3: file.jerk_mps3 ?? null };
}

function span(file: { from_m?: number | undefined; to_m?: number | undefined }, lane: keyof typeof ENTERS_M) {
  return { fromM: file.from_m ?? ENTERS_M[lane], toM: file.to_m ?? LEAVES_M[lane] };
}

function base({ id, body, colour, headlights }: ActorFile) {
  return { id, body, colour, headlights: headlights ?? null };
}
