/** What the viewer wants drawn, kept over reloads. */
export interface Layers {
  readonly boxes: boolean;
  readonly labels: boolean;
  readonly zone: boolean;
}

const KEY = 'stopsign.layers';
const ALL: Layers = { boxes: true, labels: true, zone: true };

export function loadLayers(): Layers {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    const chosen = kept && typeof kept === 'object' ? (kept as Partial<Layers>) : {};
    return { boxes: chosen.boxes !== false, labels: chosen.labels !== false, zone: chosen.zone !== false };
  } catch {
    return ALL;
  }
}

export function keepLayers(layers: Layers): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(layers));
  } catch {
    // private windows may refuse storage: the choice then lasts until the page is left
  }
}
