/** Below the picture: which layers are drawn, and how well the overlay keeps up. */
import { For, Show } from 'solid-js';
import type { LiveStatus } from '../../rpc/live.ts';
import type { Sampling } from '../../rpc/records.ts';
import type { OverlayFigures } from '../overlay/figures.ts';
import type { Layers } from '../overlay/layers.ts';
import { formatMs, formatRate, formatShare } from './format.ts';
import { Icon, type IconName } from './icon.tsx';
import { TruthToggle } from './truth-toggle.tsx';

export interface StageBarProps {
  readonly layers: Layers;
  readonly onToggle: (layer: keyof Layers) => void;
  /** The camera plays a clip whose truth is known. */
  readonly hasTruth?: boolean;
  readonly onFullscreen: () => void;
  /** Absent where the browser has no picture in picture. */
  readonly onPopOut?: (() => void) | undefined;
  readonly isDetailed: boolean;
  readonly onDetails: () => void;
  readonly figures: OverlayFigures | null;
  readonly status: LiveStatus | null;
}

interface LayerButton {
  readonly layer: keyof Layers;
  readonly name: string;
  readonly key: string;
  readonly icon: IconName;
  /** Only its icon is shown. */
  readonly isBrief?: boolean;
}
const LAYERS: readonly LayerButton[] = [
  { layer: 'boxes', name: 'Boxes', key: 'B', icon: 'box' },
  { layer: 'labels', name: 'Labels', key: 'L', icon: 'label' },
  { layer: 'zone', name: 'Zone', key: 'Z', icon: 'zone' },
  { layer: 'trails', name: 'Trails', key: 'R', icon: 'trail', isBrief: true },
  { layer: 'heat', name: 'Heat', key: 'H', icon: 'heat', isBrief: true },
];

function samplingWords({ reason, fps, of }: Sampling): string {
  return reason === 'load' ? `sampled ${Math.round(fps)} of ${Math.round(of)}` : 'resting: empty road';
}

/** Share of the displayed frames with boxes of an earlier one from which the overlay is called late. */
const LATE_FROM = 0.25;

export function StageBar(props: StageBarProps) {
  const isSynced = () => props.figures?.tier !== 5;
  const matched = () => {
    if (props.figures === null) return '–';
    if (!props.figures.hasMetadata) return 'No boxes';
    if (isPredicted()) return 'Predicted';
    if (!isSynced()) return 'Unsynced';
    if (isLate()) return 'Boxes late';
    // When the analyzer skips frames, most boxes are placed between two of their own: in sync, but not to the frame.
    return isMostlyExact() ? 'Frame-exact' : 'In sync';
  };
  const isPredicted = () => (props.figures?.aheadShare ?? 0) > 0.5;
  /** Neither their own boxes, nor placed between two analysed frames, nor predicted: the analyzer's came too late. */
  const lateShare = () => (props.figures ? 1 - props.figures.syncedShare - props.figures.aheadShare : 0);
  const isLate = () => isSynced() && lateShare() > LATE_FROM;
  const isMostlyExact = () => {
    const { exactShare = 0, syncedShare = 0 } = props.figures ?? {};
    return exactShare >= syncedShare * 0.9;
  };
  /** Always of what the word before it says. */
  const shownShare = () => {
    if (!props.figures?.hasMetadata) return '';
    if (isPredicted()) return formatShare(props.figures.aheadShare);
    if (!isSynced()) return '';
    if (isLate()) return formatShare(lateShare());
    return formatShare(isMostlyExact() ? props.figures.exactShare : props.figures.syncedShare);
  };
  const share = () => (props.figures ? formatShare(props.figures.exactShare) : '–');
  return (
    <div class="stage-bar">
      <div class="stage-tools" role="group" aria-label="Layers">
        <For each={LAYERS}>
          {({ layer, name, key, icon, isBrief }) => (
            <button
              type="button"
              class="toggle"
              aria-pressed={props.layers[layer]}
              aria-keyshortcuts={key}
              title={`${name} (${key})`}
              onClick={() => props.onToggle(layer)}
            >
              <Icon name={icon} />
              <span classList={{ 'sr-only': isBrief === true }}>{name}</span>
            </button>
          )}
        </For>
        <Show when={props.hasTruth}>
          <TruthToggle isOn={props.layers.truth} onToggle={() => props.onToggle('truth')} />
        </Show>
        <button
          type="button"
          class="icon-button"
          aria-label="How good is the picture?"
          aria-pressed={props.isDetailed}
          aria-keyshortcuts="D"
          title="How good is the picture? (D)"
          onClick={() => props.onDetails()}
        >
          <Icon name="activity" />
        </button>
        <Show when={props.onPopOut}>
          <button
            type="button"
            class="icon-button"
            aria-label="Own window"
            aria-keyshortcuts="P"
            title="Own window (P)"
            onClick={() => props.onPopOut?.()}
          >
            <Icon name="popout" />
          </button>
        </Show>
        <button
          type="button"
          class="icon-button"
          aria-label="Full screen"
          aria-keyshortcuts="F"
          title="Full screen (F)"
          onClick={() => props.onFullscreen()}
        >
          <Icon name="expand" />
        </button>
      </div>
      <dl class="stage-figures">
        <div title="Frames shown and analysed per second">
          <dt>Frames</dt>
          <dd data-testid="fps">
            {formatRate(props.figures?.shownFps)}
            <span class="quiet"> / {formatRate(props.status?.fps.analyzed)}</span>
            <span class="unit"> fps</span>
            <Show when={props.status?.sampling}>
              {(sampling) => (
                <span class="quiet" classList={{ 'is-warning': sampling().reason === 'load' }} data-testid="sampling">
                  {' '}
                  {samplingWords(sampling())}
                </span>
              )}
            </Show>
          </dd>
        </div>
        <div title="From the camera's shutter to this screen">
          <dt>Lag</dt>
          <dd data-testid="lag">{formatMs(props.figures?.lagMs ?? null)}</dd>
        </div>
        <div
          title={
            props.figures
              ? `Tier ${props.figures.tier}. Of the last 300 frames ${share()} carry their own boxes, ${formatShare(props.figures.syncedShare)} with those matched by their moment or placed between two analysed frames; ${formatShare(props.figures.aheadShare)} carry boxes predicted from the last motion, drawn dashed.`
              : 'How the boxes are matched with the picture'
          }
        >
          <dt>Overlay</dt>
          <dd
            data-testid="sync-tier"
            data-tier={props.figures?.tier ?? ''}
            data-exact-share={props.figures?.exactShare ?? ''}
            classList={{ 'is-warning': props.figures !== null && (!isSynced() || isLate()) }}
          >
            {matched()}
            <span class="quiet"> {shownShare()}</span>
          </dd>
        </div>
      </dl>
    </div>
  );
}
