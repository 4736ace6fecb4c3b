/** Which true pass each measured one is: by when both were in the zone, lap after lap. Pure. */
import type { PassEvent } from '../../domain/types.ts';
import type { TruthClip, TruthPass } from './truth-clip.ts';

/** A true pass in a certain lap of the clip. */
export interface PlayedPass {
  readonly truth: TruthPass;
  /** Laps since 1970. */
  readonly lap: number;
  readonly enteredUtc: number;
  readonly exitedUtc: number;
}

type Times = Pick<PassEvent, 'id' | 'entered_utc' | 'exited_utc'>;

/** They must have been in the zone together for at least this share of both times. */
const LEAST_OVERLAP = 0.35;

export function playedPass({ durationS }: Pick<TruthClip, 'durationS'>, truth: TruthPass, lap: number): PlayedPass {
  const beginUtc = lap * durationS;
  return { truth, lap, enteredUtc: beginUtc + truth.enteredS, exitedUtc: beginUtc + truth.exitedS };
}

/** Each true pass of a lap belongs to at most one measured one: the one it shares most time with. By the measured one's id. */
export function matchPasses(
  clip: Pick<TruthClip, 'durationS' | 'passes'>,
  passes: readonly Times[],
): ReadonlyMap<string, PlayedPass> {
  const pairs = passes
    .flatMap((pass) =>
      clip.passes.map((truth) => {
        const played = playedPass(clip, truth, Math.round((pass.entered_utc - truth.enteredS) / clip.durationS));
        return { pass, played, share: overlap(pass, played) };
      }),
    )
    .filter(({ share }) => share >= LEAST_OVERLAP)
    .sort((a, b) => b.share - a.share);
  const matches = new Map<string, PlayedPass>();
  const taken = new Set<string>();
  for (const { pass, played } of pairs) {
    const key = `${played.lap} ${played.truth.id}`;
    if (matches.has(pass.id) || taken.has(key)) continue;
    matches.set(pass.id, played);
    taken.add(key);
  }
  return matches;
}

/** Intersection over union of the times in the zone. */
function overlap(pass: Times, played: PlayedPass): number {
  const both = Math.min(pass.exited_utc, played.exitedUtc) - Math.max(pass.entered_utc, played.enteredUtc);
  const any = Math.max(pass.exited_utc, played.exitedUtc) - Math.min(pass.entered_utc, played.enteredUtc);
  return any > 0 ? Math.max(0, both) / any : 0;
}
