/** What the viewer wants drawn, kept over reloads. */
export interface Layers {
  readonly boxes: boolean;
  readonly labels: boolean;
  readonly zone: boolean;
  readonly trails: boolean;
  /** Where vehicles stood since the page was opened. */
  readonly heat: boolean;
  /** Of the clip, where the camera plays one whose truth is known. */
  readonly truth: boolean;
}

const KEY = 'stopsign.layers';
const DEFAULT: Layers = { boxes: true, labels: true, zone: true, trails: false, heat: false, truth: false };

export function loadLayers(): Layers {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    const chosen = kept && typeof kept === 'object' ? (kept as Partial<Layers>) : {};
    return {
      boxes: chosen.boxes !== false,
      labels: chosen.labels !== false,
      zone: chosen.zone !== false,
      trails: chosen.trails === true,
      heat: chosen.heat === true,
      truth: chosen.truth === true,
    };
  } catch {
    return DEFAULT;
  }
}

export function keepLayers(layers: Layers): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(layers));
  } catch {
    // private windows may refuse storage: the choice then lasts until the page is left
  }
}
