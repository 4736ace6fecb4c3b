/**
 * The Prometheus text format, version 0.0.4. The figures themselves live on the status board and are read when somebody
 * asks, so there is nothing to register: families in, text out. Pure.
 */

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  /** null is left out: what is not known is not reported as 0. */
  readonly value: number | null;
  /** `_sum` or `_count`, for summaries. */
  readonly suffix?: string;
}

export interface MetricFamily {
  /** With the unit at its end; counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'summary';
  readonly samples: readonly Sample[];
}

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function formatMetrics(families: readonly MetricFamily[]): string {
  return families.map(formatFamily).join('');
}

function formatFamily({ name, help, type, samples }: MetricFamily): string {
  const known = samples.filter((sample) => sample.value !== null);
  if (known.length === 0) return '';
  const lines = known.map(({ labels = {}, value, suffix = '' }) => `${name}${suffix}${formatLabels(labels)} ${value}`);
  return [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}

function formatLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
