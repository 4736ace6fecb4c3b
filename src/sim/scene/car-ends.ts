/** A car from the front and from behind: lamps, grille, plates. Browser side. */
import { type CarPaintJob, GLASS, SEAM, TAIL_LAMP } from './car-paint-job.ts';
import { Panel } from './panel.ts';

export function paintFront({ profile, details, colour, plate, highM }: CarPaintJob): Panel {
  const panel = new Panel(profile.widthM, highM, colour);
  const half = profile.widthM / 2;
  const y = details.headlampY;
  const across = (share: number) => half + half * share;
  panel.polygon(
    [
      [across(-0.55), y - 0.06],
      [across(0.55), y - 0.06],
      [across(0.48), y - 0.24],
      [across(-0.48), y - 0.24],
    ],
    {
      colour: '#0b0c0d',
      roughness: 0.5,
      round: 0.03,
    },
  );
  for (let bar = 0; bar < 4; bar++) {
    const at = y - 0.09 - bar * 0.04;
    panel.line(
      [
        [across(-0.52), at],
        [across(0.52), at],
      ],
      'rgba(170,175,180,.7)',
      0.01,
    );
  }
  panel.polygon(
    [
      [across(-0.72), 0.42],
      [across(0.72), 0.42],
      [across(0.6), 0.27],
      [across(-0.6), 0.27],
    ],
    {
      colour: '#0f1011',
      roughness: 0.6,
      round: 0.03,
    },
  );
  for (const side of [-1, 1]) {
    const at = (share: number) => across(side * share);
    panel.polygon(
      [
        [at(0.58), y - 0.02],
        [at(0.98), y + 0.06],
        [at(0.98), y - 0.12],
        [at(0.62), y - 0.14],
      ],
      {
        colour: '#20262a',
        roughness: 0.1,
        round: 0.03,
        glow: '#fff3dc',
      },
    );
    panel.ellipse(at(0.78), y - 0.055, 0.085, 0.05, { colour: '#eef2f4', roughness: 0.1, glow: '#ffffff' });
    panel.polygon(
      [
        [at(0.66), 0.42],
        [at(0.86), 0.42],
        [at(0.84), 0.33],
        [at(0.68), 0.33],
      ],
      {
        colour: '#0b0c0d',
        roughness: 0.5,
        round: 0.02,
      },
    );
  }
  panel.rect(half - 0.26, 0.4, 0.52, 0.115, { colour: '#f1f1ec', roughness: 0.5, round: 0.01 });
  panel.text(plate, half, 0.425, 0.085, '#1a1a1a', true);
  panel.rect(0, 0, profile.widthM, 0.27, { colour: '#1b1c1d', roughness: 0.7 });
  return panel;
}

export function paintRear({ profile, details, colour, plate, highM }: CarPaintJob): Panel {
  const panel = new Panel(profile.widthM, highM, colour);
  const half = profile.widthM / 2;
  const across = (share: number) => half + half * share;
  const y = details.tailLampY;
  if (details.upright) {
    const [low, high] = details.upright;
    panel.polygon(
      [
        [across(-0.76), low],
        [across(0.76), low],
        [across(0.66), high],
        [across(-0.66), high],
      ],
      {
        colour: GLASS,
        roughness: 0.05,
        round: 0.06,
      },
    );
  }
  for (const side of [-1, 1]) {
    const at = (share: number) => across(side * share);
    panel.polygon(
      [
        [at(0.56), y],
        [at(1), y + 0.04],
        [at(1), y - 0.17],
        [at(0.62), y - 0.14],
      ],
      {
        ...TAIL_LAMP,
        colour: '#8e0f0f',
        round: 0.03,
        glow: '#ff1808',
      },
    );
    panel.polygon(
      [
        [at(0.64), y - 0.075],
        [at(0.8), y - 0.07],
        [at(0.8), y - 0.11],
        [at(0.66), y - 0.11],
      ],
      {
        colour: '#e8d8d8',
        roughness: 0.15,
        round: 0.01,
      },
    );
  }
  panel.line(
    [
      [across(-0.55), y - 0.02],
      [across(0.55), y - 0.02],
    ],
    'rgba(200,205,210,.8)',
    0.025,
  );
  panel.line(
    [
      [across(-0.8), 0.56],
      [across(0.8), 0.56],
    ],
    SEAM,
    0.014,
  );
  panel.rect(0, 0, profile.widthM, 0.36, { colour: '#1c1d1e', roughness: 0.7 });
  panel.rect(half - 0.27, 0.62, 0.54, 0.14, { colour: 'rgba(0,0,0,.35)', roughness: 0.6, round: 0.02 });
  panel.rect(half - 0.25, 0.635, 0.5, 0.11, { colour: '#f1f1ec', roughness: 0.5, round: 0.01 });
  panel.text(plate, half, 0.66, 0.085, '#1a1a1a', false);
  return panel;
}
