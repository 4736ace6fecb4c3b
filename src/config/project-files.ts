/** Where the files that come with the program are: the same from `src/` in tests and from `dist/` when compiled. */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const PROJECT_ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** Compiled code: children and threads always run from here. */
export const DIST_DIR = join(PROJECT_ROOT, 'dist');
/** The built web app. */
export const WEB_DIR = join(DIST_DIR, 'web');
export const DEMO_CONFIG = join(PROJECT_ROOT, 'demo', 'demo.site.yaml');
export const DEMO_CLIP = join(PROJECT_ROOT, 'demo', 'demo.mp4');
/** Detectors: fetched or converted into it, found in it. */
export const MODELS_DIR = join(PROJECT_ROOT, 'models');
