/**
 * Debian and Ubuntu packages that StopSign needs, and how they get onto the machine: apt as root or through sudo,
 * otherwise one line for somebody who may. Plain Node.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { excerpt, run, SetupError, step } from './steps.mjs';

/** The second video decoder, beamcoder, is built against these; node-av, the first, brings its own FFmpeg. */
const BUILD_PROGRAMS = { 'pkg-config': 'pkg-config', 'g++': 'g++', make: 'make', python3: 'python3' };
const BUILD_LIBRARIES = [
  'libavcodec',
  'libavformat',
  'libavutil',
  'libavfilter',
  'libswscale',
  'libswresample',
  'libpostproc',
  'libavdevice',
];
/** The only generation of FFmpeg that the native decoder is made for. */
const FFMPEG_GENERATION = 5;

/**
 * Packages that are missing, apart: without `needed` nothing works, without `useful` there is a second way.
 * @param {{ browser: boolean, path?: string }} wishes
 */
export async function missingPackages({ browser, path = process.env.PATH }) {
  const needed = [];
  const useful = [];
  if (!findProgram('ffmpeg', path)) needed.push('ffmpeg');
  if (browser && !findBrowser(path)) needed.push('chromium');
  for (const [program, name] of Object.entries(BUILD_PROGRAMS)) if (!findProgram(program, path)) useful.push(name);
  if (findProgram('pkg-config', path)) {
    const asked = await Promise.all(BUILD_LIBRARIES.map((name) => run(['pkg-config', '--exists', name])));
    useful.push(...BUILD_LIBRARIES.filter((_, index) => asked[index].code !== 0).map((name) => `${name}-dev`));
  } else {
    useful.push(...BUILD_LIBRARIES.map((name) => `${name}-dev`));
  }
  // Where the system's FFmpeg is another generation, the native decoder cannot be built: nothing of it is fetched.
  if (useful.length > 0 && !(await offersFfmpegGeneration())) return { needed, useful: [] };
  return { needed, useful };
}

/**
 * Installs what is missing. Ends with a SetupError when something needed cannot be had.
 * @param {{ needed: readonly string[], useful: readonly string[] }} missing
 * @param {{ verbose?: boolean }} [options]
 */
export async function installPackages({ needed, useful }, { verbose = false } = {}) {
  const wanted = [...needed, ...useful];
  if (wanted.length === 0) return;
  const prefix = await administrator();
  const line = `sudo apt-get update && sudo apt-get install -y ${wanted.join(' ')}`;
  if (!prefix) return withoutRights({ needed, useful, line });
  try {
    await step(`system packages: ${wanted.join(' ')}`, () => aptInstall(prefix, wanted, verbose));
  } catch (error) {
    if (needed.length > 0) throw error;
    process.stderr.write('  ! They are only useful, not needed: going on with the bundled video decoder.\n');
  }
}

function withoutRights({ needed, useful, line }) {
  if (needed.length > 0) {
    throw new SetupError(`${list(needed)} must be installed, and this user may not do that.`, {
      remedy: `Run: ${line}`,
    });
  }
  process.stderr.write(
    `  ! ${list(useful)} not installed: the bundled video decoder is used.\n    For the native one: ${line}\n`,
  );
}

async function aptInstall(prefix, packages, verbose) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = [...prefix, 'apt-get', '-o', 'DPkg::Lock::Timeout=120', '-y'];
  const install = [...apt, 'install', '--no-install-recommends', ...packages];
  let result = await run(install, { env, verbose });
  if (result.code !== 0) {
    // Most often the package lists are old, or were never fetched.
    await run([...apt, 'update'], { env, verbose });
    result = await run(install, { env, verbose });
  }
  if (result.code === 0) return;
  throw new SetupError('The system packages could not be installed.', {
    remedy: `Try it by hand: sudo apt-get update && sudo apt-get install -y ${packages.join(' ')}`,
    output: excerpt(result.output),
  });
}

/** What to put before apt-get: nothing for root, sudo where it asks for no password, null where neither helps. */
async function administrator() {
  if (!findProgram('apt-get')) return null;
  if (process.getuid?.() === 0) return [];
  if (findProgram('sudo') && (await run(['sudo', '-n', 'true'])).code === 0) return ['sudo', '-n'];
  return null;
}

/** true also where it cannot be found out: trying does no harm. */
async function offersFfmpegGeneration() {
  if (!findProgram('apt-cache')) return false;
  const { stdout } = await run(['apt-cache', 'policy', 'libavcodec-dev'], { env: { ...process.env, LC_ALL: 'C' } });
  return isFfmpegGeneration(stdout);
}

/** @param {string} policy what `apt-cache policy libavcodec-dev` prints */
export function isFfmpegGeneration(policy) {
  const candidate = /Candidate:\s*(?:\d+:)?(\d+)\./.exec(policy);
  return candidate ? Number(candidate[1]) === FFMPEG_GENERATION : true;
}

/** Debian's name, Ubuntu's, and a browser that was put elsewhere. */
function findBrowser(path) {
  const named = process.env.STOPSIGN_CHROMIUM;
  return (named && isExecutable(named) ? named : null) ?? findProgram('chromium', path);
}

/** @returns {string | null} */
export function findProgram(name, path = process.env.PATH) {
  for (const folder of (path ?? '').split(delimiter)) {
    if (folder && isExecutable(join(folder, name))) return join(folder, name);
  }
  return null;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function list(names) {
  return names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
