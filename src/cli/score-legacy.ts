/**
 * `stopsign score --legacy`: the predecessor's scorer over its own rows, and the project's judge in pixels beside it.
 * Rows in, verdict out; no database, no model.
 */
import { judgeInPixels, type PixelJudgement } from '../domain/legacy/pixel-judge.ts';
import { type LegacyGeometry, type LegacyScore, scoreRows } from '../domain/legacy/score-rows.ts';
import { type LegacyRank, type LegacyVerdict, legacyRank, legacyVerdict } from '../domain/legacy/verdict.ts';
import { StopsignError } from '../errors.ts';
import { parsePoints, type RowsPass, readRowsFile } from './score-rows-file.ts';

export interface ScoreLegacyFlags {
  readonly rows: string;
  readonly zone?: string | undefined;
  readonly preStopLine?: string | undefined;
  /** Pixels per second. */
  readonly threshold?: number | undefined;
  readonly json: boolean;
}

export interface LegacyResult {
  readonly score: LegacyScore;
  readonly verdict: LegacyVerdict | null;
  /** Among the passes of the file; null when it was no pass. */
  readonly rank: LegacyRank | null;
  readonly skippedRows: number;
  readonly uncalibrated: PixelJudgement;
}

const DEFAULT_THRESHOLD = 20;

/** Text for the terminal, or one JSON result a line. @throws StopsignError INPUT_MISSING, BAD_INPUT, BAD_USAGE */
export function scoreLegacy(flags: ScoreLegacyFlags): string {
  const results = scorePasses(readRowsFile(flags.rows), flags);
  if (flags.json) return results.map((result) => `${JSON.stringify(toJson(result))}\n`).join('');
  return results.map(describe).join('\n');
}

export function scorePasses(passes: readonly RowsPass[], flags: Omit<ScoreLegacyFlags, 'rows' | 'json'>) {
  const scored = passes.map((pass) => {
    const geometry = geometryOf(pass, flags);
    return { pass, score: scoreRows(pass.rows, geometry), uncalibrated: judgeInPixels(pass.rows, geometry) };
  });
  const times = scored.flatMap(({ score }) => (score.outcome === 'pass' ? [score.timeInZoneS as number] : []));
  return scored.map(({ pass, score, uncalibrated }): LegacyResult => {
    const rank = score.outcome === 'pass' ? legacyRank(score.timeInZoneS as number, times) : null;
    return { score, verdict: legacyVerdict(score), rank, skippedRows: pass.skipped, uncalibrated };
  });
}

function geometryOf(pass: RowsPass, flags: Omit<ScoreLegacyFlags, 'rows' | 'json'>): LegacyGeometry {
  const own = pass.geometry;
  const zone = flags.zone === undefined ? own?.zone : parsePoints(flags.zone, '--zone');
  const preStopLine =
    flags.preStopLine === undefined ? own?.preStopLine : parsePoints(flags.preStopLine, '--pre-stop-line');
  if (!zone || !preStopLine) {
    throw new StopsignError(
      'BAD_USAGE',
      'These rows come without their geometry: --zone and --pre-stop-line are needed.',
      {
        remedy: 'For example --zone "900,700 1150,700 1150,860 900,860" --pre-stop-line "1660,650 1660,900".',
      },
    );
  }
  return {
    zone,
    preStopLine,
    threshold: flags.threshold ?? own?.threshold ?? DEFAULT_THRESHOLD,
    minZoneTimeS: own?.minZoneTimeS,
  };
}

/** Keys as the predecessor named them; seconds, pixels, pixels per second. */
function toJson({ score, verdict, rank, skippedRows, uncalibrated }: LegacyResult): object {
  return {
    outcome: score.outcome,
    verdict,
    score: rank?.score ?? null,
    n: rank?.n ?? null,
    time_in_zone: score.timeInZoneS,
    entry_time: score.entryUtc,
    exit_time: score.exitUtc,
    stop_duration: score.stopDurationS,
    min_speed: score.minSpeed,
    progress: score.progress,
    samples: score.samples,
    skipped_rows: skippedRows,
    uncalibrated: uncalibrated.ok
      ? {
          verdict: uncalibrated.verdict,
          reason: uncalibrated.reason,
          stopped_s: uncalibrated.stoppedS,
          time_in_zone_s: uncalibrated.timeInZoneS,
          min_speed: null,
        }
      : { verdict: null, reason: uncalibrated.reason },
  };
}

function describe({ score, verdict, rank, skippedRows, uncalibrated }: LegacyResult): string {
  const lines = [`predecessor   ${verdict ?? 'no pass'}  (${score.outcome})`];
  const say = (label: string, value: number | null, digits: number, unit: string) => {
    if (value !== null) lines.push(`  ${label.padEnd(16)}${value.toFixed(digits)}${unit}`);
  };
  say('time in zone', score.timeInZoneS, 3, ' s');
  say('entry', score.entryUtc, 3, '');
  say('exit', score.exitUtc, 3, '');
  say('stop duration', score.stopDurationS, 3, ' s');
  say('min speed', score.minSpeed, 3, ' px/s');
  say('progress', score.progress, 3, ' px');
  say('samples', score.samples, 0, '');
  if (rank) lines.push(`  ${'score'.padEnd(16)}${rank.score} of 100 (time in zone, n = ${rank.n} of this file)`);
  if (skippedRows > 0) lines.push(`  ${skippedRows} rows were no numbers and were left out`);
  lines.push(
    `in pixels     ${uncalibrated.ok ? uncalibrated.verdict : 'not judged'}  UNCALIBRATED: ${uncalibrated.reason}`,
  );
  if (uncalibrated.ok) {
    const { stoppedS, timeInZoneS } = uncalibrated;
    if (stoppedS) {
      lines.push(
        `  ${'stopped'.padEnd(16)}${stoppedS.value.toFixed(2)} s (${stoppedS.lo.toFixed(2)} to ${stoppedS.hi.toFixed(2)})`,
      );
    }
    lines.push(`  ${'time in zone'.padEnd(16)}${timeInZoneS.toFixed(2)} s (ground contact)`);
    lines.push(`  ${'min speed'.padEnd(16)}cannot be said without a calibration`);
  }
  return `${lines.join('\n')}\n`;
}
