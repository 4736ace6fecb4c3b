/**
 * Which vehicles were seen from when to when: a summary when a track appears, each five seconds, and when it has not
 * been seen for ten.
 */
import type { TrackView } from '../../domain/types.ts';
import type { TrackSummary } from '../../rpc/records.ts';

const REPORT_EVERY_S = 5;
const GONE_AFTER_S = 10;

interface Entry {
  summary: TrackSummary;
  reportedUtc: number;
}

export class TrackDiary {
  private readonly entries = new Map<number, Entry>();
  private readonly camera: string;

  constructor(camera: string) {
    this.camera = camera;
  }

  /** Returns the summaries that are due now. */
  update(nowUtc: number, tracks: readonly TrackView[]): TrackSummary[] {
    const due: TrackSummary[] = [];
    for (const track of tracks) {
      const entry = this.entries.get(track.id);
      const summary = this.summarize(nowUtc, track, entry?.summary);
      const isDue = !entry || nowUtc - entry.reportedUtc >= REPORT_EVERY_S;
      this.entries.set(track.id, { summary, reportedUtc: isDue ? nowUtc : (entry?.reportedUtc ?? nowUtc) });
      if (isDue) due.push(summary);
    }
    for (const [id, { summary }] of this.entries) {
      if (nowUtc - summary.lastUtc < GONE_AFTER_S) continue;
      this.entries.delete(id);
      due.push({ ...summary, ended: true });
    }
    return due;
  }

  /** All that are open, ended. */
  end(): TrackSummary[] {
    const all = [...this.entries.values()].map(({ summary }) => ({ ...summary, ended: true }));
    this.entries.clear();
    return all;
  }

  private summarize(nowUtc: number, track: TrackView, before: TrackSummary | undefined): TrackSummary {
    return {
      camera: this.camera,
      trackId: track.id,
      class: track.class,
      firstUtc: before?.firstUtc ?? nowUtc,
      lastUtc: nowUtc,
      frames: (before?.frames ?? 0) + 1,
      parked: track.is_parked,
      last: track,
      ended: false,
    };
  }
}
