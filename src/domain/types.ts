/** Words that all of the domain shares. Pixels are pixels of the site's image space unless a name says otherwise. */
import type { PictureSize } from './view-watch/picture-shape.ts';
import type { ViewFinding } from './view-watch/view-finding.ts';

/** Left, top, right, bottom. */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number];

declare const space: unique symbol;
/** A point that knows its space: image points are pixels, ground points are metres. */
export type Point<Space extends 'image' | 'ground'> = readonly [x: number, y: number] & { readonly [space]?: Space };

/** What a detector says of one object in one frame. */
export interface Detection {
  readonly bbox: Box;
  /** 0 … 1 */
  readonly score: number;
  /** COCO name: car, truck, bus, motorcycle, bicycle, person … */
  readonly class: string;
}

/** All detections of one frame. */
export interface Observation {
  /** Capture time, UTC seconds. Not necessarily ascending: the stream may jitter, repeat or jump. */
  readonly tsUtc: number;
  readonly frame: number;
  readonly detections: readonly Detection[];
  /** Whether the camera still shows what it was calibrated on; absent: nobody looked. */
  readonly view?: ViewFinding | undefined;
  /** Size of the picture as it came, before its boxes were scaled to the site's image; absent: of the calibrated shape. */
  readonly picture?: PictureSize | undefined;
  /** Live: where the frame lies in its session, and when it arrived by the host's clock; tells a clock that was set from time. */
  readonly media?: { readonly epoch: number; readonly rtp: number; readonly receivedUtc: number } | undefined;
}

export type SpeedUnit = 'km/h' | 'mph';

/** A measured quantity with its interval at the policy's confidence. */
export interface Interval {
  readonly value: number;
  readonly lo: number;
  readonly hi: number;
}

export type Verdict = 'full_stop' | 'rolling_stop' | 'no_stop' | 'indeterminate';

export interface StopPolicy {
  /** Standing is slower than this, in the site's units. */
  readonly stop_speed: number;
  /** How long it must have stood at least, seconds. */
  readonly min_stop_s: number;
  /** A minimum speed below this (but never standing) is a rolling stop, in the site's units. */
  readonly rolling_below: number;
  /** Of every interval, 0 … 1. */
  readonly confidence: number;
  /**
   * What the detector's box edges are off by along the way: share of their longer side, standard deviation. 0 trusts
   * the boxes to be right on average; absent: stop/view-error.ts.
   */
  readonly detector_error?: number | undefined;
  /** Where the numbers come from, if from a preset (see stop/policy-presets.ts); they are all here all the same. */
  readonly preset?: string | undefined;
}

/** Intrinsics and distortion as OpenCV gives them: focal lengths and principal point in pixels of the site's image. */
export interface LensCalibration {
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
  readonly k1: number;
  readonly k2: number;
  readonly p1: number;
  readonly p2: number;
}

export interface CalibrationPoint {
  readonly image: Point<'image'>;
  readonly ground: Point<'ground'>;
}

/** The site configuration after validation (see config/site.ts); image points in `image` pixels. */
export interface Site {
  readonly name: string;
  readonly units: SpeedUnit;
  readonly timezone: string;
  readonly image: { readonly width: number; readonly height: number };
  readonly stop_line: readonly [Point<'image'>, Point<'image'>];
  readonly approach: readonly [Point<'image'>, Point<'image'>];
  readonly stop_zone: readonly Point<'image'>[];
  readonly calibration?:
    | { readonly points: readonly CalibrationPoint[]; readonly lens?: LensCalibration | undefined }
    | undefined;
  readonly policy: StopPolicy;
  readonly vehicles: readonly string[];
}

/** What a vehicle is doing, for people. */
export type TrackState = 'moving' | 'approaching' | 'in_zone' | 'stopped' | 'leaving' | 'parked';

/** One vehicle in one frame, as the live page and the store see it. */
export interface TrackView {
  readonly id: number;
  readonly bbox: Box;
  /** In the site's units; null while unknown or without calibration. */
  readonly speed: number | null;
  /**
   * Half of the 95 % interval of `speed`, in the same unit, by the noise of the boxes alone (not the calibration's).
   * Absent where it is not known, and of what stands.
   */
  readonly speed_error?: number;
  readonly speed_unit: SpeedUnit;
  /** Heading in the image, radians, 0 = right, clockwise (y down); null while unknown. */
  readonly direction: number | null;
  readonly is_parked: boolean;
  readonly class: string;
  readonly score: number;
  readonly state: TrackState;
  /** Verdict of the pass just judged, while the vehicle is still in view. */
  readonly verdict?: Verdict;
}

export interface PassEvent {
  readonly type: 'pass';
  /** Unique for ever; a function of camera, time and track, so a replay gives the same. */
  readonly id: string;
  readonly camera: string;
  readonly track_id: number;
  readonly vehicle: string;
  readonly entered_utc: number;
  readonly exited_utc: number;
  readonly verdict: Verdict;
  /** In words. */
  readonly reason: string;
  readonly forced: boolean;
  readonly encroached: boolean;
  readonly complete: boolean;
  readonly stopped_s: Interval | null;
  readonly min_speed: (Interval & { readonly unit: SpeedUnit }) | null;
  readonly min_speed_utc: number | null;
  readonly approach_speed: (Interval & { readonly unit: SpeedUnit }) | null;
  readonly stop_distance_m: Interval | null;
  readonly time_in_zone_s: number;
  readonly samples: number;
  readonly config_version: string;
  readonly model_sha256: string | null;
  /** The camera did not show what it was calibrated on (`doubtful`: perhaps not): no verdict is given. */
  readonly suspended?: 'moved' | 'blocked' | 'reshaped' | 'doubtful';
  /** Braking, m/s²: mean from the zone's begin to the slowest moment, and the strongest; absent when it hardly slowed. */
  readonly deceleration_mps2?: { readonly mean: Interval; readonly peak: Interval };
}

export interface MomentEvent {
  /** `seen_once`: something in the lane, in one frame only because frames come rarely; whether it passed is not known. */
  readonly type: 'zone_entered' | 'zone_left' | 'stopped' | 'moved_off' | 'parked' | 'unparked' | 'seen_once';
  readonly id: string;
  readonly camera: string;
  readonly track_id: number;
  readonly vehicle: string;
  readonly ts_utc: number;
}

/** Of the stream or the pipeline, not of a vehicle. */
export interface ConditionEvent {
  readonly type: 'camera_moved' | 'view_blocked' | 'picture_reshaped' | 'stream_frozen' | 'incident';
  readonly id: string;
  readonly camera: string | null;
  readonly ts_utc: number;
  readonly detail: Readonly<Record<string, unknown>>;
}

export type DomainEvent = PassEvent | MomentEvent;
export type StopsignEvent = DomainEvent | ConditionEvent;

/** One smoothed point of a pass, kept as evidence. */
export interface PassSample {
  readonly ts_utc: number;
  readonly bbox: Box;
  readonly ground: readonly [number, number] | null;
  readonly speed: number | null;
}

/** `lead`: 0 = nobody in front, else 1, plus 2 = who is still before the line, plus 4 = who stands. */
export type EvidenceRow = readonly [
  tsUtc: number,
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  score: number,
  lead: number,
];

/** All that a pass was judged on: with it, it can be judged again under another configuration. */
export interface PassEvidence {
  readonly v: 1;
  /** Class by majority when it was judged. */
  readonly vehicle: string;
  readonly ending: 'crossed' | 'left' | 'lost' | 'input_ended';
  /** Its verdict was withheld because the camera's view could not be trusted: another configuration does not change that. */
  readonly isSuspended: boolean;
  /** Times around its life in which no frame was analysed, UTC seconds; absent: none. */
  readonly outages?: readonly (readonly [fromUtc: number, toUtc: number])[];
  /** The pixel space of the boxes. */
  readonly image: { readonly width: number; readonly height: number };
  /** From the vehicle's first frame on; of very long histories every second one of the older half is missing. */
  readonly rows: readonly EvidenceRow[];
}
