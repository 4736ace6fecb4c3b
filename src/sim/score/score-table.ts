/** A score for people: a few tables of fixed-width text. Pure. */
import type { Verdict } from '../../domain/types.ts';
import type { Score } from './score.ts';
import type { BoxScore } from './score-boxes.ts';
import type { Quantity } from './score-passes.ts';
import type { Spread } from './spread.ts';

const VERDICTS: readonly Verdict[] = ['full_stop', 'rolling_stop', 'no_stop', 'indeterminate'];

export function scoreTable(score: Score): string {
  const { passes, ids, boxes } = score;
  const lines: string[] = [
    `scenario   ${score.scenario} (second 0 is ${score.start_utc.toFixed(3)} UTC)`,
    `passes     ${passes.found} of ${passes.true} found, ${passes.missed.length} missed, ${passes.invented.length} invented`,
    `verdicts   ${passes.verdicts_right} of ${passes.found} right; forced ${passes.forced_right}, encroached ${passes.encroached_right}`,
    `ids        ${ids.switches} switches (by ${ids.from})${ids.bodies.map((b) => `; ${b.id}: ${b.ids.join(' → ')}`).join('')}`,
  ];
  for (const pass of passes.missed) lines.push(`  missed    ${pass.id}, entered at ${pass.entered_s.toFixed(2)} s`);
  for (const pass of passes.invented) {
    lines.push(`  invented  track ${pass.track_id}, entered at ${pass.entered_utc.toFixed(2)} s: ${pass.verdict}`);
  }
  for (const pass of passes.wrong)
    lines.push(`  wrong     ${pass.id}: ${pass.true} judged ${pass.judged} (${pass.reason})`);
  lines.push('', ...confusion(score), '', ...errors(score));
  if (boxes) lines.push('', boxTable(boxes).trimEnd());
  return `${lines.join('\n')}\n`;
}

/** Recall by height and ground contact by view angle. */
export function boxTable(boxes: BoxScore): string {
  return `${[...recall(boxes), '', ...contact(boxes)].join('\n')}\n`;
}

function confusion({ passes }: Score): string[] {
  return table([
    ['true \\ judged', ...VERDICTS.map(words)],
    ...VERDICTS.filter((v) => v !== 'indeterminate').map((v) => [
      words(v),
      ...VERDICTS.map((judged) => String(passes.confusion[v][judged])),
    ]),
  ]);
}

function errors({ passes, units }: Score): string[] {
  const rows: [string, Quantity, number][] = [
    ['stop duration, s', 'stopped_s', 3],
    [`slowest speed, ${units}`, 'min_speed', 2],
    [`approach speed, ${units}`, 'approach_speed', 2],
    ['stop distance, m', 'stop_distance_m', 3],
    ['entry, s', 'entered_s', 3],
    ['time of slowest, s', 'min_speed_s', 3],
  ];
  return table([
    ['error', 'n', 'bias', 'mean', 'median', 'p95', 'max', 'in interval'],
    ...rows.map(([name, quantity, digits]) => {
      const held = (passes.coverage as Readonly<Record<string, { share: number; n: number } | null>>)[quantity];
      return [name, ...numbers(passes.errors[quantity], digits), held ? `${(100 * held.share).toFixed(0)} %` : '–'];
    }),
  ]);
}

function numbers(s: Spread | null, digits: number): string[] {
  if (!s) return ['0', '–', '–', '–', '–', '–'];
  return [String(s.n), ...[s.bias, s.mean, s.median, s.p95, s.max].map((v) => v.toFixed(digits))];
}

function recall(boxes: BoxScore): string[] {
  const share = (value: number | null) => (value === null ? '–' : `${(100 * value).toFixed(1)} %`);
  return [
    ...table([
      ['height, px', 'boxes', 'recall', 'moving', 'recall'],
      ...boxes.recall.map((r) => [
        r.to_px === null ? `${r.from_px} and more` : `${r.from_px} to ${r.to_px}`,
        String(r.n),
        share(r.recall),
        String(r.moving_n),
        share(r.moving_recall),
      ]),
    ]),
    `invented   ${boxes.invented.boxes} boxes in ${boxes.frames} frames, at most ${boxes.invented.longest_run} frames in a row`,
  ];
}

function contact(boxes: BoxScore): string[] {
  const pair = (s: Spread | null, digits: number) =>
    s ? `${s.bias.toFixed(digits)} ± ${s.sigma.toFixed(digits)}` : '–';
  const { x, y } = boxes.standing_jitter_px;
  return [
    ...table([
      ['seen from', 'n', 'x, px', 'y, px', 'along, m', 'across, m'],
      ...boxes.contact.map((c) => [
        `${c.from_deg}° to ${c.to_deg}°`,
        String(c.x_px?.n ?? 0),
        pair(c.x_px, 1),
        pair(c.y_px, 1),
        pair(c.along_m, 2),
        pair(c.across_m, 2),
      ]),
    ]),
    `standing   bottom centre jitters ${x?.sigma.toFixed(2) ?? '–'} px across, ${y?.sigma.toFixed(2) ?? '–'} px up and down`,
  ];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => [...(row[i] ?? '')].length)));
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const gap = ' '.repeat(Math.max(0, (widths[i] ?? 0) - [...cell].length));
        return i === 0 ? cell + gap : gap + cell;
      })
      .join('  ')
      .trimEnd(),
  );
}

function words(verdict: Verdict): string {
  return verdict.replace('_', ' ');
}
