/**
 * One line a step: what is being done and how long it took. On a terminal a step that takes longer counts its seconds;
 * elsewhere it says every ten seconds that it is still at it. Plain Node, used before anything is installed.
 */
import { spawn } from 'node:child_process';

const TICK_MS = 1_000;
const REMIND_MS = 10_000;
const SHOW_AFTER_MS = 500;

/** Ends set-up with one sentence, a remedy, and an exit code. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {{ remedy?: string, exitCode?: number, output?: string }} [options]
   */
  constructor(message, { remedy = '', exitCode = 69, output = '' } = {}) {
    super(message);
    this.remedy = remedy;
    this.exitCode = exitCode;
    this.output = output;
  }
}

/**
 * Runs one step and says how long it took.
 * @template T
 * @param {string} label
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(label, work, stream = process.stderr) {
  const startedMs = performance.now();
  const seconds = () => ((performance.now() - startedMs) / 1000).toFixed(stream.isTTY ? 0 : 1);
  const ticker = stream.isTTY
    ? setInterval(() => stream.write(`\r\u001b[2K  … ${label} (${seconds()} s)`), TICK_MS)
    : setInterval(() => stream.write(`  … still: ${label} (${Math.round(seconds())} s)\n`), REMIND_MS);
  const first = setTimeout(() => stream.isTTY && stream.write(`  … ${label}`), SHOW_AFTER_MS);
  const finish = (mark) => {
    clearInterval(ticker);
    clearTimeout(first);
    if (stream.isTTY) stream.write('\r\u001b[2K');
    stream.write(`  ${mark} ${label} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)\n`);
  };
  try {
    const result = await work();
    finish('✓');
    return result;
  } catch (error) {
    finish('✗');
    throw error;
  }
}

/**
 * Runs a program. Its output is kept and shown only when it fails, or at once with `verbose`.
 * @param {readonly string[]} command
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, verbose?: boolean, inherit?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string, stdout: string }>}
 */
export function run(command, { cwd, env = process.env, verbose = false, inherit = false } = {}) {
  const [program, ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env, stdio: inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let stdout = '';
    const collect = (chunk) => {
      output = (output + chunk).slice(-64_000);
      if (verbose) process.stderr.write(chunk);
    };
    child.stdout?.on('data', (chunk) => {
      stdout = (stdout + chunk).slice(-64_000);
      collect(chunk);
    });
    child.stderr?.on('data', collect);
    child.once('error', (error) => resolve({ code: 127, output: `${output}${error.message}`, stdout }));
    child.once('close', (code) => resolve({ code: code ?? 1, output, stdout }));
  });
}

/**
 * Like `run`, but a failure becomes a SetupError.
 * @param {readonly string[]} command
 * @param {{ what: string, remedy?: string, cwd?: string, env?: NodeJS.ProcessEnv, verbose?: boolean }} options
 */
export async function must(command, { what, remedy, ...options }) {
  const result = await run(command, options);
  if (result.code === 0) return result;
  throw new SetupError(`${what} failed (${command.slice(0, 4).join(' ')} ended with code ${result.code}).`, {
    remedy,
    output: options.verbose ? '' : excerpt(result.output),
  });
}

/** What npm says on every occasion. */
const NOISE = /^npm (warn Unknown|notice)/;

/**
 * Beginning and end: npm says what is wrong first, compilers at the end of each file, and both talk much in between.
 * @param {string} output
 */
export function excerpt(output, head = 15, tail = 25) {
  const lines = output
    .trimEnd()
    .split('\n')
    .filter((line) => !NOISE.test(line));
  if (lines.length <= head + tail) return lines.join('\n');
  return [...lines.slice(0, head), `  … ${lines.length - head - tail} lines …`, ...lines.slice(-tail)].join('\n');
}

/** Runs a script's main function and turns its faults into sentences. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    if (error.output) process.stderr.write(`${error.output.trimEnd()}\n\n`);
    process.stderr.write(`${error.message}${error.remedy ? ` ${error.remedy}` : ''}\n`);
    process.exit(error.exitCode);
  }
}
