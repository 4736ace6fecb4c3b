/**
 * How much later than its frame metadata arrives, frame by frame, also for those whose metadata came too late to be
 * drawn. Feeds the wanted jitter buffer (player/buffer-target.ts); owned by overlay.ts.
 */
import { rtpMs } from './frame-history.ts';
import { percentile } from './percentile.ts';

const KEEP_WAITING = 120;
/**
 * Two analysed frames further apart say nothing of those between them (sync.ts): what comes after such a gap (an analyzer
 * that was started again, another session) is not the late metadata of the frames before it.
 */
const MAX_GAP_MS = 500;
const WINDOW = 300;

export class LateMetadata {
  /** Shown frames that wait for metadata, rtp → arrival of the frame. */
  private readonly awaited = new Map<number, number>();
  private readonly lateMs: number[] = [];
  private readonly onLate: (lateMs: number) => void;

  constructor(onLate: (lateMs: number) => void) {
    this.onLate = onLate;
  }

  /** A frame that had arrived at `receivedMs` was shown; `arrivedMs`: its metadata, null while it is not there. */
  shown(rtp: number, receivedMs: number, arrivedMs: number | null): void {
    if (arrivedMs !== null) {
      this.tell(arrivedMs - receivedMs);
      return;
    }
    this.awaited.set(rtp, receivedMs);
    for (const key of this.awaited.keys()) {
      if (this.awaited.size <= KEEP_WAITING) break;
      this.awaited.delete(key);
    }
  }

  metadata(rtp: number, arrivedMs: number): void {
    for (const [waiting, receivedMs] of this.awaited) {
      const sinceMs = rtpMs(rtp, waiting);
      if (sinceMs < 0) continue;
      this.awaited.delete(waiting);
      if (sinceMs <= MAX_GAP_MS) this.tell(arrivedMs - receivedMs);
    }
  }

  /** Metadata arrival − frame arrival, ms; null before the first. */
  percentileMs(share: number): number | null {
    return percentile(this.lateMs, share);
  }

  reset(): void {
    this.awaited.clear();
  }

  private tell(lateMs: number): void {
    if (!Number.isFinite(lateMs)) return;
    this.lateMs.push(lateMs);
    if (this.lateMs.length > WINDOW) this.lateMs.shift();
    this.onLate(lateMs);
  }
}
