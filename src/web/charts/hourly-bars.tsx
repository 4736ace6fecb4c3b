/** The last 24 hours as small stacked columns, one an hour; empty hours keep their place. */
import { For, Show } from 'solid-js';
import type { PassStats, VerdictCounts } from '../../rpc/api/types.ts';
import { useSiteTime } from '../live/site-time.ts';
import { VERDICT_WORDS, VERDICTS } from '../parts/format.ts';

const HOUR_S = 3_600;
const HOURS = 24;

export function HourlyBars(props: { readonly hourly: PassStats['hourly']; readonly nowS: number }) {
  const time = useSiteTime();
  const hours = () => {
    const current = Math.floor(props.nowS / HOUR_S) * HOUR_S;
    const known = new Map(props.hourly.map(({ hour, counts }) => [Math.floor(hour / HOUR_S) * HOUR_S, counts]));
    return Array.from({ length: HOURS }, (_, i) => {
      const hour = current - (HOURS - 1 - i) * HOUR_S;
      return { hour, counts: known.get(hour) };
    });
  };
  const most = () => Math.max(1, ...hours().map(({ counts }) => total(counts)));
  return (
    <div class="hourly">
      <div class="hourly-columns" role="img" aria-label={`Passes per hour over the last 24 hours, at most ${most()}`}>
        <For each={hours()}>
          {({ hour, counts }) => (
            <span class="hourly-column" title={describe(time.minute(hour), counts)}>
              <Show when={counts}>
                {(known) => (
                  <span class="hourly-stack" style={{ height: `${(total(known()) / most()) * 100}%` }}>
                    <For each={VERDICTS}>
                      {(verdict) => <span class={`is-${verdict}`} style={{ 'flex-grow': known()[verdict] }} />}
                    </For>
                  </span>
                )}
              </Show>
            </span>
          )}
        </For>
      </div>
      <div class="hourly-axis" aria-hidden="true">
        <span>24 h ago</span>
        <span>12 h</span>
        <span>now</span>
      </div>
    </div>
  );
}

function total(counts: VerdictCounts | undefined): number {
  return counts ? VERDICTS.reduce((sum, verdict) => sum + counts[verdict], 0) : 0;
}

function describe(time: string, counts: VerdictCounts | undefined): string {
  if (!counts) return `${time}: no pass`;
  const parts = VERDICTS.filter((verdict) => counts[verdict] > 0).map(
    (verdict) => `${VERDICT_WORDS[verdict].toLowerCase()} ${counts[verdict]}`,
  );
  return `${time}: ${parts.join(', ')}`;
}
