/**
 * What day, dusk, night and rain mean in numbers: one table that lighting, sky, street and houses read. Pure.
 * Intensities are three.js units (lux-like for the sun), colours sRGB.
 */
import type { Light, Vec3 } from '../scenario.ts';

export interface Weather {
  readonly light: Light;
  readonly rain: boolean;
  /** Towards the sun or the moon. */
  readonly sunFrom: Vec3;
  readonly sunColour: number;
  readonly sunIntensity: number;
  /** Brightness of what sky and ground throw on dull surfaces from all sides. */
  readonly fill: number;
  /** Share of the painted sky that lights the scene. */
  readonly skyLight: number;
  readonly skyColours: readonly [zenith: string, middle: string, horizon: string];
  readonly cloud: { readonly rgb: string; readonly count: number; readonly opacity: readonly [number, number] };
  readonly fogColour: number;
  readonly fogM: readonly [near: number, far: number];
  readonly exposure: number;
  /** Lamps, windows and headlights shine. */
  readonly lampsLit: boolean;
}

const DAY: Weather = {
  light: 'day',
  rain: false,
  sunFrom: [-18, 27, 17],
  sunColour: 0xfff0da,
  sunIntensity: 3.9,
  fill: 0.55,
  skyLight: 0.62,
  skyColours: ['#4a86cc', '#93bce4', '#dfe9f0'],
  cloud: { rgb: '255,255,255', count: 150, opacity: [0.08, 0.3] },
  fogColour: 0xc4d2dd,
  fogM: [70, 330],
  exposure: 1.08,
  lampsLit: false,
};

const DUSK: Weather = {
  ...DAY,
  light: 'dusk',
  sunFrom: [-40, 15, 20],
  sunColour: 0xffa866,
  sunIntensity: 1.15,
  fill: 0.5,
  skyLight: 0.42,
  skyColours: ['#34507f', '#8a86a4', '#f0b98c'],
  cloud: { rgb: '255,196,160', count: 130, opacity: [0.06, 0.22] },
  fogColour: 0x8f8591,
  fogM: [60, 280],
  exposure: 0.95,
  lampsLit: true,
};

const NIGHT: Weather = {
  ...DAY,
  light: 'night',
  sunFrom: [-12, 34, -10],
  sunColour: 0x9db6e0,
  sunIntensity: 0.3,
  fill: 4,
  skyLight: 0.5,
  skyColours: ['#060a14', '#0e1626', '#2a2f3d'],
  cloud: { rgb: '90,98,120', count: 60, opacity: [0.04, 0.12] },
  fogColour: 0x10151d,
  fogM: [40, 200],
  exposure: 1.4,
  lampsLit: true,
};

export function weatherOf(light: Light, rain: boolean): Weather {
  const dry = light === 'night' ? NIGHT : light === 'dusk' ? DUSK : DAY;
  return rain ? overcast(dry) : dry;
}

/** Rain: the sun is behind clouds, the sky grey, the far end of the street pale. */
function overcast(dry: Weather): Weather {
  const isNight = dry.light === 'night';
  return {
    ...dry,
    rain: true,
    sunColour: isNight ? dry.sunColour : 0xe6ebf0,
    sunIntensity: dry.sunIntensity * 0.36,
    skyLight: dry.skyLight * (isNight ? 1 : 0.95),
    skyColours: isNight
      ? dry.skyColours
      : dry.light === 'dusk'
        ? ['#4a525f', '#6d7480', '#9a9a9c']
        : ['#8b969f', '#aab3ba', '#ccd2d6'],
    cloud: { rgb: isNight ? '70,76,92' : '96,104,112', count: 170, opacity: [0.05, 0.16] },
    fill: dry.fill * (isNight ? 1 : 2.4),
    exposure: dry.exposure * (isNight ? 1 : 1.2),
    fogColour: isNight ? 0x11151b : dry.light === 'dusk' ? 0x868a90 : 0xbcc3c8,
    fogM: [isNight ? 30 : 35, isNight ? 150 : 190],
  };
}
