/**
 * The pure part of `stopsign track --score`: tracks and labels in, all measures out, as a table for people or as JSON.
 * What the labels do not ask for is left out as ignored.ts says.
 */
import { type TruthFrame, withoutIgnored } from '../domain/mot-metrics/ignored.ts';
import type { LabelledBox } from '../domain/mot-metrics/labelled-frames.ts';
import { scoreTracks, type TrackScore } from '../domain/mot-metrics/score-tracks.ts';
import type { MotRow } from './track.ts';
import type { Labels } from './track-labels.ts';

/** Frames that only one of the two knows count as empty in the other. */
export function scoreRows(tracks: readonly MotRow[], { frames, rules }: Labels): TrackScore {
  const found = new Map<number, LabelledBox[]>();
  for (const { frame, id, left, top, width, height } of tracks) {
    const box: LabelledBox = { id, bbox: [left, top, left + width, top + height] };
    const known = found.get(frame);
    if (known) known.push(box);
    else found.set(frame, [box]);
  }
  // Frames in which nothing is labelled and nothing was found change no measure, and there may be millions of them.
  const numbers = [...new Set([...frames.keys(), ...found.keys()])].sort((a, b) => a - b);
  const told = numbers.map((k) => withoutIgnored(frames.get(k) ?? NOTHING, found.get(k) ?? [], rules));
  return { ...scoreTracks(told), frames: numbers.at(-1) ?? 0 };
}

const NOTHING: TruthFrame = { boxes: [], regions: [] };

export function describeScore(score: TrackScore): string {
  const { hota, clear, identity } = score;
  const percent = (share: number | null | undefined) =>
    share === null || share === undefined ? '–' : `${(100 * share).toFixed(1)} %`;
  const row = (name: string, value: string, meaning: string) => `${name.padEnd(6)}${value.padStart(8)}   ${meaning}\n`;
  return [
    row('HOTA', percent(hota?.hota), 'found and kept apart, over overlaps 0.05 to 0.95'),
    row('DetA', percent(hota?.deta), 'found'),
    row('AssA', percent(hota?.assa), 'kept apart'),
    row('MOTA', percent(clear.mota), '1 − (missed + false + switches) / true boxes'),
    row('IDF1', percent(identity.idf1), 'boxes that agree with the best track of each object'),
    row('IDSW', String(clear.switches), 'times an object changed its track'),
    row('FP', String(clear.falsePositives), 'boxes of tracks on nothing'),
    row('FN', String(clear.misses), `of ${score.truthBoxes} true boxes missed`),
    row('MT/ML', `${clear.mostlyTracked}/${clear.mostlyLost}`, `of ${score.objects} objects mostly tracked / lost`),
    row('tracks', String(score.tracks), `in ${score.frames} frames`),
  ].join('');
}
