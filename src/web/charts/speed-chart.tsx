/** Speed over the time of one pass, drawn from its samples, with the slowest moment and the time in the zone marked. */
import { createMemo, createSignal, createUniqueId, For, onCleanup, Show } from 'solid-js';
import type { PassEvent, PassSample } from '../../domain/types.ts';
import { linear, linePath, niceTicks } from './scale.ts';

/** Until the element has been measured. */
const FIRST_WIDTH = 640;
const HEIGHT = 240;
const LEFT = 40;
const RIGHT = 12;
const TOP = 24;
const BOTTOM = 28;

export function SpeedChart(props: { readonly pass: PassEvent; readonly samples: readonly PassSample[] }) {
  const fillId = createUniqueId();
  // Drawn in CSS pixels at the element's own width, so that the letters keep their size on every screen.
  const [width, setWidth] = createSignal(FIRST_WIDTH);
  const measure = (element: HTMLElement) => {
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.max(240, entry.contentRect.width)));
    observer.observe(element);
    onCleanup(() => observer.disconnect());
  };
  const unit = () => props.pass.min_speed?.unit ?? props.pass.approach_speed?.unit ?? 'px/s';
  const chart = createMemo(() => {
    const known = props.samples.filter((sample) => sample.speed !== null);
    const first = props.samples[0];
    const last = props.samples.at(-1);
    if (known.length < 2 || !first || !last) return null;
    const start = props.pass.entered_utc;
    const times = [first.ts_utc - start, last.ts_utc - start] as const;
    const speeds = niceTicks(0, Math.max(1, ...known.map((sample) => sample.speed ?? 0)));
    const x = linear(times, [LEFT, width() - RIGHT]);
    const y = linear([0, speeds.at(-1) ?? 1], [HEIGHT - BOTTOM, TOP]);
    const line = linePath(
      props.samples.map((sample) => (sample.speed === null ? null : [x(sample.ts_utc - start), y(sample.speed)])),
    );
    const from = known[0];
    const to = known.at(-1);
    const area =
      from && to
        ? `${linePath(known.map((s) => [x(s.ts_utc - start), y(s.speed ?? 0)]))}L${x(to.ts_utc - start)} ${y(0)}L${x(from.ts_utc - start)} ${y(0)}Z`
        : '';
    const { min_speed: slowest, min_speed_utc: slowestUtc } = props.pass;
    const zone = [Math.max(times[0], 0), Math.min(times[1], props.pass.exited_utc - start)] as const;
    return {
      line,
      area,
      speedTicks: speeds.map((value) => ({ value, at: y(value) })),
      timeTicks: niceTicks(times[0], times[1], Math.max(3, Math.floor(width() / 100)))
        .filter((value) => value >= times[0] && value <= times[1])
        .map((value) => ({ value, at: x(value) })),
      zone: { left: x(zone[0]), width: Math.max(0, x(zone[1]) - x(zone[0])) },
      slowest: slowest && slowestUtc !== null ? { x: x(slowestUtc - start), y: y(slowest.value) } : null,
    };
  });
  return (
    <Show when={chart()} fallback={<p class="quiet">No speed was kept for this pass.</p>}>
      {(drawn) => (
        <figure ref={measure} class="speed-chart" data-testid="speed-chart">
          <svg
            width={width()}
            height={HEIGHT}
            viewBox={`0 0 ${width()} ${HEIGHT}`}
            role="img"
            aria-label={describe(props.pass)}
          >
            <defs>
              <linearGradient id={fillId} x1="0" x2="0" y1="0" y2="1">
                <stop class="chart-fill-top" offset="0" />
                <stop class="chart-fill-bottom" offset="1" />
              </linearGradient>
            </defs>
            <rect
              class="chart-zone"
              x={drawn().zone.left}
              width={drawn().zone.width}
              y={TOP}
              height={HEIGHT - TOP - BOTTOM}
            />
            <text class="chart-zone-name" x={drawn().zone.left + 6} y={TOP + 14}>
              in the zone
            </text>
            <For each={drawn().speedTicks}>
              {(tick) => (
                <>
                  <line class="chart-grid" x1={LEFT} x2={width() - RIGHT} y1={tick.at} y2={tick.at} />
                  <text class="chart-tick is-end" x={LEFT - 8} y={tick.at + 4}>
                    {tick.value}
                  </text>
                </>
              )}
            </For>
            <For each={drawn().timeTicks}>
              {(tick) => (
                <text class="chart-tick is-middle" x={tick.at} y={HEIGHT - 8}>
                  {tick.value} s
                </text>
              )}
            </For>
            <text class="chart-tick" x={LEFT} y={12}>
              {unit()}
            </text>
            <path class="chart-area" d={drawn().area} fill={`url(#${fillId})`} />
            <path class="chart-line" d={drawn().line} />
            <Show when={drawn().slowest}>
              {(at) => <circle class={`chart-dot is-${props.pass.verdict}`} cx={at().x} cy={at().y} r="5" />}
            </Show>
          </svg>
        </figure>
      )}
    </Show>
  );
}

function describe(pass: PassEvent): string {
  const { approach_speed: approach, min_speed: slowest } = pass;
  const parts = [
    approach && `approach ${approach.value.toFixed(0)} ${approach.unit}`,
    slowest && `slowest ${slowest.value.toFixed(1)} ${slowest.unit}`,
  ].filter(Boolean);
  return `Speed over time${parts.length ? `: ${parts.join(', ')}` : ''}`;
}
