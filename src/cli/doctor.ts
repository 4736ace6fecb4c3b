/** `stopsign doctor`: runs every check, one line each; the checks themselves are in `doctor-checks.ts`. */
import { describeError, ERROR_CODES } from '../errors.ts';
import { type Check, doctorChecks } from './doctor-checks.ts';

export interface DoctorOutput {
  out(text: string): void;
}

const CHECK_WITHIN_MS = 15_000;

/** Resolves with the exit code: 0, 69 when something is not available, or the configuration's own. */
export async function runDoctor(options: { config?: string | undefined }, output: DoctorOutput): Promise<number> {
  const results = await Promise.all(doctorChecks(options.config).map(runCheck));
  const width = Math.max(...results.map(({ name }) => name.length));
  for (const { name, ok, says } of results) {
    const text = says.replaceAll('\n', `\n${' '.repeat(width + 10)}`);
    output.out(`${ok ? 'ok     ' : 'FAILED '} ${name.padEnd(width)}  ${text}\n`);
  }
  return results.every(({ ok }) => ok) ? 0 : ERROR_CODES.NATIVE_MISSING;
}

interface Result {
  readonly name: string;
  readonly ok: boolean;
  readonly says: string;
}

async function runCheck({ name, run }: Check): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_WITHIN_MS / 1000} s`)), CHECK_WITHIN_MS);
  });
  try {
    return { name, ok: true, says: await Promise.race([run(), limit]) };
  } catch (error) {
    return { name, ok: false, says: describeError(error) };
  } finally {
    clearTimeout(timer);
  }
}
