/**
 * Set-up that `npm start` and `npm test` share: Node, system packages, npm packages, build, detector. Each is done only
 * when something has changed; what was done is written down in node_modules/.stopsign-setup.json, so that a later start
 * costs a few milliseconds and touches no network. Plain Node: it runs before anything is installed.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentHash, fingerprint } from './fingerprint.mjs';
import { must, run, SetupError, step } from './steps.mjs';
import { findProgram, installPackages, missingPackages } from './system-packages.mjs';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const STAMP = join(ROOT, 'node_modules', '.stopsign-setup.json');

/**
 * @param {{ browser?: boolean, verbose?: boolean }} [options]
 */
export async function setUp({ browser = false, verbose = false } = {}) {
  checkNode(process.versions.node);
  const stamp = readStamp();
  const now = currentState();
  if (!isSystemReady(stamp, now, browser)) {
    const missing = await missingPackages({ browser });
    await installPackages(missing, { verbose });
  }
  if (stamp.packages !== now.packages && !isInstalledByHand(stamp)) await installNpmPackages(verbose);
  writeStamp({ ...stamp, packages: now.packages, browser: browser || stamp.browser === true });
  await build(readStamp(), now, verbose);
  if (readStamp().models !== now.models || !hasModel()) await pullModel(verbose);
  writeStamp({ ...readStamp(), models: now.models });
}

/** @param {string} version without the v */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major === 20 && minor >= 19) return;
  throw new SetupError(`StopSign needs Node 20.19 or a later 20.x, this is ${version}.`, {
    remedy: 'Install Node 20 (for example with: nvm install 20) and run the command again.',
  });
}

/** What the stamp is compared with. */
function currentState() {
  const isWeb = (path) => path === 'src/web' || path.startsWith('src/web/');
  return {
    packages: `${contentHash(join(ROOT, 'package-lock.json'))}-${process.versions.modules}-${process.arch}`,
    node: fingerprint(ROOT, ['src', 'tsconfig.json', 'tsconfig.node.json'], isWeb),
    // The page shares types and pure code with the rest.
    web: fingerprint(ROOT, ['src/web', 'src/rpc', 'src/domain', 'tsconfig.web.json', 'vite.config.ts', 'index.html']),
    models: contentHash(join(ROOT, 'models', 'manifest.json')),
  };
}

/** System packages are looked at again with every new set of npm packages, and when the camera's ffmpeg has gone. */
function isSystemReady(stamp, now, browser) {
  return stamp.packages === now.packages && findProgram('ffmpeg') !== null && (!browser || stamp.browser === true);
}

async function installNpmPackages(verbose) {
  const env = npmEnvironment();
  const remedy = 'Check the network (npm ping) and run the command again; --verbose shows everything.';
  // Scripts are run one by one below: npm 10 knows no allowScripts, and a failed optional build must not undo the rest.
  await step('npm packages', () =>
    must([...npm(), 'ci', '--ignore-scripts', '--include=dev', '--include=optional'], {
      what: 'npm ci',
      remedy,
      cwd: ROOT,
      env,
      verbose,
    }),
  );
  // Written before the scripts run: whoever interrupts them gets a fresh start and no half-built packages.
  writeStamp({ packages: 'unfinished' });
  const { needed, optional } = allowedScripts();
  if (needed.length > 0) {
    await step('preparing native packages', () =>
      must([...npm(), 'rebuild', ...needed], { what: 'npm rebuild', remedy, cwd: ROOT, env, verbose }),
    );
  }
  for (const name of optional) {
    const result = await step(`building ${name}`, () => run([...npm(), 'rebuild', name], { cwd: ROOT, env, verbose }));
    if (result.code !== 0)
      process.stderr.write(`  ! ${name} could not be built here: there is another way, going on.\n`);
  }
}

/** Somebody has run `npm ci` before: what npm says it installed is what the lock file wants. */
function isInstalledByHand(stamp) {
  if (stamp.packages !== undefined) return false;
  try {
    const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
    const installed = JSON.parse(readFileSync(join(ROOT, 'node_modules/.package-lock.json'), 'utf8')).packages;
    return isSameInstall(wanted, installed);
  } catch {
    return false;
  }
}

/**
 * @param {Record<string, { version?: string, optional?: boolean }>} wanted
 * @param {Record<string, { version?: string }>} installed
 */
export function isSameInstall(wanted, installed) {
  const paths = Object.keys(wanted).filter((path) => path !== '');
  const hasAll = paths.every((path) =>
    installed[path] ? installed[path].version === wanted[path].version : wanted[path].optional === true,
  );
  return hasAll && Object.keys(installed).every((path) => path in wanted);
}

/** Installed packages whose install scripts package.json allows, apart by whether StopSign can do without. */
function allowedScripts() {
  const { allowScripts = {}, optionalDependencies = {} } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const names = Object.keys(allowScripts).filter((name) => allowScripts[name] && isInstalled(name));
  return {
    needed: names.filter((name) => !(name in optionalDependencies)),
    optional: names.filter((name) => name in optionalDependencies),
  };
}

function isInstalled(name) {
  return existsSync(join(ROOT, 'node_modules', name, 'package.json'));
}

/** The npm that runs this, or the one of the search path. */
function npm() {
  const script = process.env.npm_execpath;
  return script && /npm-cli\.js$/.test(script) ? [process.execPath, script] : ['npm'];
}

function npmEnvironment() {
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', JOBS: 'max' };
  // beamcoder's build asks ldconfig, which ordinary users of Debian do not have on their search path.
  env.PATH = `${env.PATH ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`;
  // A service user may have no home that can be written; npm and node-gyp need a place for their caches.
  if (!isWritable(env.npm_config_cache ?? join(homedir(), '.npm'))) {
    const cache = mkdtempSync(join(tmpdir(), 'stopsign-npm-'));
    Object.assign(env, { npm_config_cache: cache, npm_config_devdir: join(cache, 'node-gyp') });
  }
  // Node's headers usually lie beside it: then nothing has to be fetched to build native packages.
  const prefix = resolve(process.execPath, '../..');
  if (!env.npm_config_nodedir && existsSync(join(prefix, 'include/node/node.h'))) env.npm_config_nodedir = prefix;
  return env;
}

function isWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    const probe = mkdtempSync(join(folder, '.stopsign-'));
    rmSync(probe, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

async function build(stamp, now, verbose) {
  const remedy = 'This should not happen with a clean checkout: git status shows what was changed.';
  const options = { remedy, cwd: ROOT, verbose };
  const jobs = [];
  if (stamp.node !== now.node || !existsSync(join(ROOT, 'dist/cli.js'))) {
    jobs.push(['program', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.node.json']]);
  }
  if (stamp.web !== now.web || !existsSync(join(ROOT, 'dist/web/index.html'))) {
    jobs.push(['web page', ['node_modules/vite/bin/vite.js', 'build']]);
  }
  if (jobs.length === 0) return;
  await step(`building the ${jobs.map(([name]) => name).join(' and the ')}`, () =>
    Promise.all(
      jobs.map(([name, script]) => must([process.execPath, ...script], { what: `Building the ${name}`, ...options })),
    ),
  );
  chmodSync(join(ROOT, 'dist/cli.js'), 0o755);
  writeStamp({ ...stamp, node: now.node, web: now.web });
}

async function pullModel(verbose) {
  await step('detector', () =>
    must([process.execPath, 'dist/cli.js', 'models', 'pull'], {
      what: 'Getting a detector',
      remedy: 'Put yolox_nano.onnx into models/, or name its folder in STOPSIGN_MODELS_DIR.',
      cwd: ROOT,
      verbose,
    }),
  );
}

/** Cheap; the launcher checks the sha256 of the one it takes. */
function hasModel() {
  const folders = [join(ROOT, 'models'), process.env.STOPSIGN_MODELS_DIR].filter(Boolean);
  return folders.some((folder) => existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.onnx')));
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8'));
  } catch {
    return {};
  }
}

/** Where it cannot be written (somebody else's checkout), the next start looks again. */
function writeStamp(stamp) {
  const text = JSON.stringify(stamp);
  try {
    if (JSON.stringify(readStamp()) !== text) writeFileSync(STAMP, text);
  } catch {
    // As said above.
  }
}
