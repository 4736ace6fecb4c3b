/** What the inference room needs from outside: a detector. The real one is put in by `worker.ts`. */
import type { Detection } from '../../domain/types.ts';
import type { ViewWatchData } from '../../domain/view-watch/view-watch.ts';

/** YUV 4:2:0 planes without padding; a slot of the frame ring is one. */
export interface FramePicture {
  readonly width: number;
  readonly height: number;
  readonly fullRange: boolean;
  readonly y: Uint8Array;
  readonly u: Uint8Array;
  readonly v: Uint8Array;
}

export interface ObjectDetector {
  /** How many pictures it may be given before the first is done; absent: one. */
  readonly parallel?: number;
  /**
   * Detections in pixels of the picture. The picture's memory stays untouched until the promise settles.
   * @param onDrawn called, if it ever is, between drawing the picture for the model and running it
   */
  detect(picture: FramePicture, onDrawn?: () => void): Promise<readonly Detection[]>;
  close(): Promise<void>;
}

/** Called around every native call, so that the supervisor never ends the thread inside one. */
export interface NativeSection {
  enter(): void;
  leave(): void;
}

/** Where what is known of one camera's view outlives the room. */
export interface ViewMemory {
  load(): Promise<ViewWatchData | null>;
  /** Never throws and never blocks. */
  save(data: ViewWatchData): void;
  /** Resolves when all that was given is written, or could not be. */
  saved(): Promise<void>;
}

export interface InferencePorts {
  /** Loads the model; slow (0.1–1 s). */
  openDetector(native: NativeSection): Promise<ObjectDetector>;
  /** Absent: views are learned anew at each start. */
  viewMemory?(camera: string): ViewMemory;
}
