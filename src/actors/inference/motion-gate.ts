/**
 * Lets the model rest while a road is empty. Pure; one per camera, asked by the camera's lane for every frame and told
 * what the model found. It knows of tracks only what this room knows: data flows one way. So it stays open for a while
 * after the last motion and after the last vehicle that was found, longer than the tracker looks for one it has lost; only
 * who has stood in one place for long does not count. And even over an empty road the model looks now and then, so that what
 * the luma does not show is missed for that long at most.
 */
import type { Detection } from '../../domain/types.ts';
import { type LumaPicture, RoadMotion } from './road-motion.ts';
import { type RoadPoints, RoadRegion } from './road-region.ts';
import { StillBoxes } from './still-boxes.ts';

/** The tracker gives up a moving vehicle after 3 s out of sight. */
const HOLD_US = 5_000_000;
/** At least so often the model looks at an empty road. */
export const LOOK_EVERY_US = 500_000;
/** Time stamps that leap by more mean another session or a clock that was set. */
const LEAP_US = 10_000_000;

export interface GateSettings extends RoadPoints {
  /** Classes of the detector that keep it open. */
  readonly vehicles: readonly string[];
}

export class MotionGate {
  private readonly region: RoadRegion;
  private readonly motion: RoadMotion;
  private readonly vehicles: ReadonlySet<string>;
  private readonly still = new StillBoxes();
  private openUntilUs = Number.NEGATIVE_INFINITY;
  private lookedUs = Number.NEGATIVE_INFINITY;
  private lastUs: number | null = null;
  private isRestingNow = false;

  constructor(settings: GateSettings) {
    this.region = new RoadRegion(settings);
    this.motion = new RoadMotion(this.region);
    this.vehicles = new Set(settings.vehicles);
  }

  /** Over an empty road: most frames are not analysed. */
  get isResting(): boolean {
    return this.isRestingNow;
  }

  /** What is to be done with a frame: analyse it as ever, analyse it by all means, or leave it out. */
  see(picture: LumaPicture, captureTsUs: number): 'open' | 'look' | 'rest' {
    if (this.lastUs === null || Math.abs(captureTsUs - this.lastUs) > LEAP_US) this.begin(captureTsUs);
    this.lastUs = captureTsUs;
    if (this.motion.isMoving(picture)) this.openUntilUs = captureTsUs + HOLD_US;
    this.isRestingNow = captureTsUs >= this.openUntilUs;
    if (!this.isRestingNow) return 'open';
    // Back by a little as well: otherwise nothing would be looked at until the time is reached again.
    if (Math.abs(captureTsUs - this.lookedUs) < LOOK_EVERY_US) return 'rest';
    this.lookedUs = captureTsUs;
    return 'look';
  }

  /** What the model found in a frame. */
  found(detections: readonly Detection[], picture: LumaPicture, captureTsUs: number): void {
    const { width, height } = picture;
    const onRoad = detections.filter((d) => this.vehicles.has(d.class) && this.region.touches(d, width, height));
    const boxes = onRoad.map(({ bbox }) => bbox);
    if (this.still.hasNews(boxes, captureTsUs)) this.openUntilUs = Math.max(this.openUntilUs, captureTsUs + HOLD_US);
    else this.motion.keep(picture);
  }

  private begin(captureTsUs: number): void {
    this.openUntilUs = captureTsUs + HOLD_US;
    this.lookedUs = Number.NEGATIVE_INFINITY;
  }
}
