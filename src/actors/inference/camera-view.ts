/**
 * The view watch of one camera inside the inference room: looks at a frame once a second of capture time, says what goes
 * with the detections, and keeps what was learned over restarts. The picture is read where it lies; nothing is copied.
 * A picture of another shape than the calibrated one is left alone: its size says all there is to say (shape-watch.ts).
 */
import { isOfShape, type PictureSize } from '../../domain/view-watch/picture-shape.ts';
import type { ViewFinding } from '../../domain/view-watch/view-finding.ts';
import { ViewWatch } from '../../domain/view-watch/view-watch.ts';
import type { FramePicture, ViewMemory } from './ports.ts';

export class CameraView {
  private readonly memory: ViewMemory;
  private readonly image: PictureSize | null;
  private watch: ViewWatch;
  private savedRevision: number;

  private constructor(memory: ViewMemory, watch: ViewWatch, image: PictureSize | null) {
    this.memory = memory;
    this.image = image;
    this.watch = watch;
    this.savedRevision = watch.revision;
  }

  /** @param image the calibrated picture; null: whatever comes is looked at */
  static async open(memory: ViewMemory, image: PictureSize | null = null): Promise<CameraView> {
    return new CameraView(memory, new ViewWatch((await memory.load()) ?? undefined), image);
  }

  /** What to send with this frame: after each look, and with every frame while something is wrong. */
  see(picture: FramePicture, captureTsUs: number): ViewFinding | null {
    const tsUtc = captureTsUs / 1e6;
    const isOfItsShape = this.image === null || isOfShape(picture, this.image);
    if (isOfItsShape && this.watch.isDue(tsUtc)) {
      const finding = this.watch.look(picture, tsUtc);
      this.save();
      // A picture too small to be watched says nothing at all.
      return this.watch.hasLooked ? finding : null;
    }
    const { finding } = this.watch;
    return finding.suspension || finding.state === 'doubtful' ? finding : null;
  }

  /** The operator: the present view is the right one. Resolves when that is on the disk. */
  async confirm(): Promise<void> {
    this.watch.confirm();
    this.save();
    await this.memory.saved();
  }

  async close(): Promise<void> {
    this.save();
    await this.memory.saved();
  }

  private save(): void {
    if (this.watch.revision === this.savedRevision) return;
    this.savedRevision = this.watch.revision;
    this.memory.save(this.watch.data());
  }
}

/** Without a disk, as in replays: what was learned is forgotten at the end. */
export const FORGETFUL: ViewMemory = {
  load: async () => null,
  save: () => {},
  saved: async () => {},
};
