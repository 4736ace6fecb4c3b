/** A car from the side: windows, doors, sills, wheel arches. Both sides are painted with the same panel. Browser side. */
import type { CarDetails } from './car-details.ts';
import { type CarPaintJob, GLASS, SEAM, TAIL_LAMP } from './car-paint-job.ts';
import { Panel } from './panel.ts';

/** The hole that a tyre turns in is this much wider than the tyre, metres. */
const TYRE_GAP = 0.065;

export function paintSide({ profile, details, colour, highM }: CarPaintJob): Panel {
  const { lengthM: length, axlesM, wheelRadiusM } = profile;
  const panel = new Panel(length, highM, colour);
  if (details.isRugged) {
    panel.rect(0, 0, length, 0.42, { colour: '#1b1c1d', roughness: 0.7 });
    for (const x of axlesM) {
      panel.ellipse(x, wheelRadiusM, wheelRadiusM + 0.13, wheelRadiusM + 0.13, { colour: '#1b1c1d', roughness: 0.7 });
    }
  } else {
    panel.rect(0, 0, length, 0.29, { colour: '#202123', roughness: 0.7 });
  }
  const dirt = panel.gradient(0.2, 0.75, ['rgba(30,26,20,.45)', 'rgba(30,26,20,0)']);
  panel.rect(0, 0.2, length, 0.55, { colour: dirt, roughness: 0.36, metalness: 0.15 });
  const sill = paintWindows(panel, details, profile.heightM);
  for (const [i, x] of details.doors.entries()) {
    panel.line(
      [
        [x, 0.34],
        [x - 0.02, 0.7],
        [x, sill - 0.03],
      ],
      SEAM,
      0.012,
    );
    const behind = details.doors[i - 1];
    if (behind === undefined) continue;
    panel.rect(behind + 0.1, sill - 0.17, 0.19, 0.035, { colour: 'rgba(0,0,0,.35)', roughness: 0.4 });
    panel.rect(behind + 0.1, sill - 0.155, 0.18, 0.028, { colour, roughness: 0.2, metalness: 0.4 });
  }
  const [firstDoor = 1, lastDoor = 3] = [details.doors[0], details.doors.at(-1)];
  panel.line(
    [
      [firstDoor, 0.34],
      [lastDoor, 0.34],
    ],
    SEAM,
    0.012,
  );
  const crease = (drop: number): readonly (readonly [number, number])[] => [
    [0.25, sill - 0.22 - drop],
    [length - 0.45, sill - 0.3 - drop],
  ];
  panel.line(crease(0), 'rgba(255,255,255,.14)', 0.02);
  panel.line(crease(0.025), 'rgba(0,0,0,.22)', 0.02);
  panel.line(
    [
      [length - 0.62, 0.95],
      [length - 0.7, 0.62],
      [length - 0.55, 0.34],
    ],
    SEAM,
    0.01,
  );
  const head = details.headlampY;
  panel.polygon(
    [
      [length - 0.4, head + 0.1],
      [length - 0.05, head + 0.02],
      [length, head - 0.08],
      [length - 0.12, head - 0.1],
      [length - 0.34, head],
    ],
    { colour: '#cfd6da', roughness: 0.1, round: 0.03 },
  );
  const tail = details.tailLampY;
  panel.polygon(
    [
      [0, tail],
      [0.3, tail + 0.02],
      [0.22, tail - 0.12],
      [0, tail - 0.18],
    ],
    TAIL_LAMP,
  );
  panel.rect(0, 0.4, 0.35, 0.012, { colour: SEAM });
  panel.rect(length - 0.35, 0.42, 0.35, 0.012, { colour: SEAM });
  for (const x of axlesM) {
    panel.circle(x, wheelRadiusM, wheelRadiusM + TYRE_GAP + 0.01, 'rgba(0,0,0,.45)', 0.03);
    panel.hole(x, wheelRadiusM, wheelRadiusM + TYRE_GAP);
  }
  return panel;
}

/** @returns height of the windows' lower edge in the middle of the car */
function paintWindows(panel: Panel, { windows }: CarDetails, heightM: number): number {
  const glass = panel.gradient(1, heightM, ['#090b0d', GLASS, '#2a3238']);
  for (const window of windows) panel.polygon(window, { colour: glass, roughness: 0.06, round: 0.05 });
  const corners = windows.flat();
  const lowest = (x: number) =>
    corners.reduce((low, [cornerX, y]) => (Math.abs(cornerX - x) < 0.5 ? Math.min(low, y) : low), 9);
  const xs = (window: readonly (readonly [number, number])[] | undefined) => (window ?? []).map(([x]) => x);
  const highest = (window: readonly (readonly [number, number])[] | undefined) =>
    Math.max(...(window ?? []).map(([, y]) => y));
  for (const [i, window] of windows.entries()) {
    if (i === 0) continue;
    const behind = windows[i - 1];
    const [from, to] = [Math.max(...xs(behind)), Math.min(...xs(window))];
    panel.polygon(
      [
        [from, lowest(from)],
        [from, highest(behind)],
        [to, highest(window)],
        [to, lowest(to)],
      ],
      {
        colour: '#0c0d0e',
        roughness: 0.3,
      },
    );
  }
  const [first, last] = [Math.min(...xs(corners)), Math.max(...xs(corners))];
  panel.line(
    [
      [first, lowest(first) - 0.015],
      [last, lowest(last) - 0.015],
    ],
    'rgba(210,214,218,.8)',
    0.018,
  );
  return lowest(2);
}
