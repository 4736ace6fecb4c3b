/**
 * Detections of the frames of a lossless ring, begun before it is their turn, as many as the detector works on at once.
 * They are taken in order, and no frame leaves the ring before its own were taken. Used by a camera's lane.
 */
import type { Detection } from '../../domain/types.ts';
import type { FrameRingReader } from '../../shm/frame-ring.ts';
import type { ObjectDetector } from './ports.ts';

export class LookAhead {
  private readonly frames: FrameRingReader;
  private begun: Promise<readonly Detection[]>[] = [];

  constructor(frames: FrameRingReader) {
    this.frames = frames;
  }

  /**
   * Of the oldest frame in the ring.
   * @throws whatever the detector failed of
   */
  async oldest(detector: ObjectDetector): Promise<readonly Detection[]> {
    while (this.begun.length < (detector.parallel ?? 1)) {
      const slot = this.frames.tryPeek(this.begun.length);
      if (!slot) break;
      const detections = detector.detect(slot);
      // Awaited in its turn: until then a failure is nobody's surprise.
      detections.catch(() => {});
      this.begun.push(detections);
    }
    return (await this.begun[0]) ?? [];
  }

  /** The oldest frame leaves the ring. */
  release(): void {
    this.begun.shift();
  }

  /** Nothing that was begun is wanted any more. */
  forget(): void {
    this.begun = [];
  }
}
