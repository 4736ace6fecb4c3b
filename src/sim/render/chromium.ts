/** Where Chromium is, and how it draws WebGL without a graphics card. Called by the camera of `sim render`. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { StopsignError } from '../../errors.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Headless, silent, and software rendering: the same picture on every machine and at every launch. */
export const CHROMIUM_FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

/** @throws StopsignError NATIVE_MISSING */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string {
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/bin'];
  const named = [env['STOPSIGN_CHROMIUM'], env['CHROMIUM']].filter((path) => path !== undefined && path !== '');
  const places = [...(named as string[]), ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))];
  const found = places.find(isProgram);
  if (found) return found;
  throw new StopsignError('NATIVE_MISSING', 'No Chromium was found, which draws the scene.', {
    remedy: 'Install it (apt-get install chromium) or name it in STOPSIGN_CHROMIUM.',
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
