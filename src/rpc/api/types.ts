/**
 * What the tRPC procedures give and take: shapes only. The web app, the routers and the gateway's ports share them.
 * Times are UTC seconds as in the events, unless a name says otherwise.
 */
import type { PassRank } from '../../domain/score/pass-rank.ts';
import type { SiteScore } from '../../domain/score/site-score.ts';
import type { PassEvent, PassSample, SpeedUnit, Verdict } from '../../domain/types.ts';
import type { ActorStatus } from '../control.ts';
import type { LiveStatus, LiveZones } from '../live.ts';

export interface CameraInfo {
  readonly name: string;
  readonly siteName: string;
  /** IANA name: the clock that the site's times, days and reasons go by. */
  readonly timeZone: string;
  readonly units: SpeedUnit;
  /** The last status of the stream, as the WebSocket sends it each second; null until the gateway knows one. */
  readonly stream: LiveStatus | null;
  /** The pixel space of zones and boxes. */
  readonly scaled: { readonly w: number; readonly h: number };
  readonly zones: LiveZones;
  /** `/media/<name>`: append `/whep` or `/hls/index.m3u8`. */
  readonly mediaBase: string;
  /** true: the virtual camera plays the demo clip. */
  readonly demo: boolean;
  /**
   * Where the truth of the clip is that the camera plays by the wall clock (docs/wire.md), `/truth/<name>`; null for every
   * camera that looks at the world.
   */
  readonly truth: string | null;
}

export type DatabaseState = LiveStatus['database'];

/** One line of `/ready`. */
export interface ReadinessCheck {
  readonly name: string;
  readonly ok: boolean;
  /** In words. */
  readonly detail: string;
  readonly tsUtc: number;
}

export interface SystemStatus {
  readonly tsUtc: number;
  readonly version: string;
  readonly uptimeS: number;
  readonly actors: readonly ActorStatus[];
  readonly cameras: readonly LiveStatus[];
  readonly database: DatabaseState;
  readonly model: { readonly name: string; readonly sha256: string };
  /** Every check is ok: the same answer as `/ready`. */
  readonly ready: boolean;
  readonly checks: readonly ReadinessCheck[];
}

/** A pass with the evidence it was judged on. */
export interface PassDetail {
  readonly pass: PassEvent;
  /** In time order; empty when none were kept. */
  readonly samples: readonly PassSample[];
}

export type VerdictCounts = Readonly<Record<Verdict, number>>;

export interface PassStats {
  /** Since midnight in the site's time zone. */
  readonly today: VerdictCounts;
  /** Today and the six days before. */
  readonly week: VerdictCounts;
  readonly all: VerdictCounts;
  /** The last 24 hours that have passes, oldest first; `hour` is the UTC second at which the hour begins. */
  readonly hourly: readonly { readonly hour: number; readonly counts: VerdictCounts }[];
  /** When the first pass of this camera was entered; null without any. */
  readonly since: number | null;
}

/** How well a site was obeyed over some days; see docs/score.md. */
export interface SiteScoreAnswer extends SiteScore {
  readonly sinceUtc: number;
  /** There are more passes than were counted: the oldest are left out. */
  readonly isCut: boolean;
}

/** Where a pass stands among those of its camera; `rank` is null when it could not be judged or is alone. */
export interface PassRankAnswer {
  readonly sinceUtc: number;
  readonly rank: PassRank | null;
}

export interface AdminState {
  readonly admin: boolean;
}
