/** How a viewer wants the live picture, kept over reloads: the latency, and for each camera the offset set by eye. */
export type LatencyMode = 'exact' | 'lowest';

export interface ViewSettings {
  /** `exact`: the picture waits for its boxes. `lowest`: it does not, boxes are carried on by their motion. */
  readonly latency: LatencyMode;
  /** ms; see OverlaySync.manualOffsetMs. */
  readonly offsetMs: number;
}

export const MOST_OFFSET_MS = 2_000;
const LATENCY_KEY = 'stopsign.latency';
const offsetKey = (camera: string) => `stopsign.offset.${camera}`;

export function loadViewSettings(camera: string): ViewSettings {
  try {
    const offsetMs = Number(localStorage.getItem(offsetKey(camera)) ?? 0);
    return {
      latency: localStorage.getItem(LATENCY_KEY) === 'lowest' ? 'lowest' : 'exact',
      offsetMs: Math.abs(offsetMs) <= MOST_OFFSET_MS ? offsetMs : 0,
    };
  } catch {
    return { latency: 'exact', offsetMs: 0 };
  }
}

export function keepViewSettings(camera: string, { latency, offsetMs }: ViewSettings): void {
  try {
    localStorage.setItem(LATENCY_KEY, latency);
    localStorage.setItem(offsetKey(camera), String(offsetMs));
  } catch {
    // private windows may refuse storage: the choice then lasts until the page is left
  }
}
