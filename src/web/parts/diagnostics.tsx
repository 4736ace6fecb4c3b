/**
 * "How good is the picture?": how boxes are matched with frames, what the stream does, and how old the metadata is after
 * each hop. On the live page, opened by D.
 */
import { createSignal, For, type JSX, onCleanup, Show } from 'solid-js';
import type { OverlayFigures } from '../overlay/figures.ts';
import type { HopFigure } from '../overlay/staleness.ts';
import type { Tier } from '../overlay/sync.ts';
import type { Player } from '../player/player.ts';
import type { Transport } from '../player/player-state.ts';
import type { StreamFailure } from '../player/stream-failure.ts';
import { ratesBetween, type StreamFigures, type StreamRates, streamTrouble } from '../player/stream-figures.ts';
import { type LatencyMode, MOST_OFFSET_MS, type ViewSettings } from '../player/view-settings.ts';
import { formatMs, formatRate, formatShare } from './format.ts';
import { Segmented } from './segmented.tsx';

export interface DiagnosticsProps {
  readonly figures: OverlayFigures | null;
  readonly player: Player | undefined;
  readonly transport: Transport;
  /** Why there was no picture last, since the page was opened. */
  readonly failure: StreamFailure | null;
  /** Of the clock exchange with the server, ms. */
  readonly rttMs: number | null;
  readonly clockOffsetMs: number | null;
  readonly settings: ViewSettings;
  readonly onSettings: (settings: ViewSettings) => void;
}

const TIER_WORDS: Readonly<Record<Tier, string>> = {
  1: 'own RTP timestamp',
  2: 'sender reports',
  3: 'calibrated offset',
  4: 'HLS programme date time',
  5: 'newest metadata, unsynced',
};
const HOP_WORDS: Readonly<Record<HopFigure['hop'], string>> = {
  camera: 'Camera to analyzer',
  decode: 'Decoding',
  infer: 'Inference',
  track: 'Tracking',
  emit: 'Handing out',
  network: 'Network to here',
  wait: 'Waiting for its frame',
  total: 'Camera to screen',
};
const READ_EVERY_MS = 1_000;

export function Diagnostics(props: DiagnosticsProps) {
  const stream = createStreamFigures(() => props.player);
  const ms = (value: number | null | undefined) => formatMs(value ?? null);
  const residual = () => {
    const { residualP95Ms = null, frameMs = 33 } = props.figures ?? {};
    return residualP95Ms === null
      ? '–'
      : `${residualP95Ms.toFixed(1)} ms (${(residualP95Ms / frameMs).toFixed(2)} frames)`;
  };
  return (
    <section class="diagnostics" aria-label="How good is the picture?" data-testid="diagnostics">
      <div>
        <h2>Boxes and frames</h2>
        <dl class="figures">
          <Figure name="Matched by">
            <Show when={props.figures} fallback="–">
              {(figures) => `${figures().tier}: ${TIER_WORDS[figures().tier]}`}
            </Show>
          </Figure>
          <Figure name="Exactly its own boxes">{share(props.figures?.exactShare)}</Figure>
          <Figure name="In step with the frame">{share(props.figures?.syncedShare)}</Figure>
          <Figure name="Carried on by motion">{share(props.figures?.aheadShare)}</Figure>
          <Figure name="Off by, p95">{residual()}</Figure>
          <Figure name="Metadata after its frame, p50 / p95">
            {ms(props.figures?.metadataLateP50Ms)} / {ms(props.figures?.metadataLateP95Ms)}
          </Figure>
          <Figure name="Clock to the server">
            {ms(props.clockOffsetMs)} <span class="quiet">(round trip {ms(props.rttMs)})</span>
          </Figure>
        </dl>
        <Segmented<LatencyMode>
          label="Latency"
          value={props.settings.latency}
          options={[
            { value: 'exact', name: 'Exact boxes' },
            { value: 'lowest', name: 'Lowest latency' },
          ]}
          onChange={(latency) => props.onSettings({ ...props.settings, latency })}
        />
        <OffsetSlider {...props} />
      </div>
      <div>
        <h2>Stream</h2>
        <StreamList figures={props.figures} transport={props.transport} stream={stream()} failure={props.failure} />
      </div>
      <div>
        <h2>How old the boxes are</h2>
        <Chain chain={props.figures?.chain ?? []} />
      </div>
    </section>
  );
}

function OffsetSlider(props: Pick<DiagnosticsProps, 'figures' | 'settings' | 'onSettings'>) {
  const isUseful = () => (props.figures?.tier ?? 1) > 1;
  const set = (offsetMs: number) => props.onSettings({ ...props.settings, offsetMs });
  return (
    <label class="offset" title="Moves the boxes against the picture where frames have no timestamp of their own">
      <span>
        Offset by eye <output>{props.settings.offsetMs} ms</output>
      </span>
      <input
        type="range"
        min={-MOST_OFFSET_MS}
        max={MOST_OFFSET_MS}
        step={10}
        value={props.settings.offsetMs}
        disabled={!isUseful()}
        onInput={(event) => set(event.currentTarget.valueAsNumber)}
        onDblClick={() => set(0)}
      />
      <Show when={!isUseful()}>
        <span class="quiet">Not needed: the frames carry their own timestamp.</span>
      </Show>
    </label>
  );
}

function StreamList(props: {
  readonly figures: OverlayFigures | null;
  readonly transport: Transport;
  readonly failure: StreamFailure | null;
  readonly stream: StreamReading | null;
}) {
  const rates = () => props.stream?.rates ?? null;
  const now = () => props.stream?.now ?? null;
  return (
    <>
      <dl class="figures">
        <Figure name="Over">{props.transport === 'webrtc' ? 'WebRTC' : 'HLS'}</Figure>
        <Show when={now()}>
          {(figures) => (
            <>
              <Figure name="Picture">{pictureWords(figures())}</Figure>
              <Figure name="Rate">{rates() ? `${((rates()?.kbps ?? 0) / 1_000).toFixed(2)} Mbit/s` : '–'}</Figure>
              <Figure name="Lost on the way">{share(rates()?.lossShare)}</Figure>
              <Figure name="Waits in the buffer">
                {formatMs(rates()?.bufferMs ?? null)}{' '}
                <span class="quiet">(wanted {formatMs(props.figures?.bufferTargetMs ?? null)})</span>
              </Figure>
              <Figure name="Frozen">{figures().freezes} times</Figure>
            </>
          )}
        </Show>
        <Show when={props.failure}>
          {(failure) => (
            <Figure name="Last failure">
              {failure().kind} <span class="quiet">({failure().detail})</span>
            </Figure>
          )}
        </Show>
        <Figure name="Decoded / painted">
          {formatRate(rates()?.decodedFps)} / {formatRate(props.figures?.shownFps)} fps
        </Figure>
        <Figure name="Dropped / painted over">
          {now()?.framesDropped ?? '–'} / {props.figures?.missedFrames ?? '–'}
        </Figure>
      </dl>
      <Show when={rates() && streamTrouble(rates() as StreamRates)}>
        {(trouble) => (
          <p class="is-warning" role="status">
            {trouble()}
          </p>
        )}
      </Show>
    </>
  );
}

/** A bar for each hop, as long as its median; the thin end is its p95. */
function Chain(props: { readonly chain: readonly HopFigure[] }) {
  const longest = () => Math.max(1, ...props.chain.filter(({ hop }) => hop !== 'total').map(({ p95Ms }) => p95Ms));
  const width = (value: number) => `${Math.min(100, (Math.max(0, value) / longest()) * 100)}%`;
  return (
    <Show when={props.chain.length > 0} fallback={<p class="quiet">No frame was drawn with its own boxes yet.</p>}>
      <ol class="chain" data-testid="chain">
        <For each={props.chain}>
          {({ hop, p50Ms, p95Ms }) => (
            <li classList={{ 'is-total': hop === 'total' }}>
              <span class="chain-name">{HOP_WORDS[hop]}</span>
              <span class="chain-figure">
                {formatMs(p50Ms)} <span class="quiet">/ {formatMs(p95Ms)}</span>
              </span>
              <Show when={hop !== 'total'}>
                <span class="chain-bar" aria-hidden="true">
                  <span class="chain-p95" style={{ width: width(p95Ms) }} />
                  <span class="chain-p50" style={{ width: width(p50Ms) }} />
                </span>
              </Show>
            </li>
          )}
        </For>
      </ol>
      <p class="quiet">Median / p95 of the last 300 frames.</p>
    </Show>
  );
}

function Figure(props: { readonly name: string; readonly children: JSX.Element }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** `1280 × 720 H264`; what is not known yet is left out. */
function pictureWords({ width, height, codec }: StreamFigures): string {
  const size = width && height ? `${width} × ${height}` : '';
  return [size, codec ?? ''].filter((part) => part !== '').join(' ') || '–';
}

function share(value: number | undefined): string {
  return value === undefined ? '–' : formatShare(value);
}

interface StreamReading {
  readonly now: StreamFigures;
  /** Of the last second; null at first. */
  readonly rates: StreamRates | null;
}

function createStreamFigures(player: () => Player | undefined) {
  const [reading, setReading] = createSignal<StreamReading | null>(null);
  let readAtMs = 0;
  const timer = setInterval(async () => {
    const now = (await player()?.figures()) ?? null;
    const atMs = performance.now();
    const before = reading()?.now;
    // Counters that fell are of another session.
    const isSame = before !== undefined && now !== null && now.packets >= before.packets;
    setReading(now && { now, rates: isSame ? ratesBetween(before, now, (atMs - readAtMs) / 1_000) : null });
    readAtMs = atMs;
  }, READ_EVERY_MS);
  onCleanup(() => clearInterval(timer));
  return reading;
}
