/** The picture: video, overlay, and what is said over it while there is no picture. Owns player and overlay. */
import { createEffect, createSignal, onCleanup, onMount, Show } from 'solid-js';
import type { CameraInfo } from '../../rpc/api/types.ts';
import type { CameraFeed } from '../live/camera-feed.ts';
import { createCountdown } from '../live/countdown.ts';
import type { StreamWords } from '../live/stream-words.ts';
import type { OverlayFigures } from '../overlay/figures.ts';
import type { Layers } from '../overlay/layers.ts';
import { Overlay } from '../overlay/overlay.ts';
import type { Tier } from '../overlay/sync.ts';
import { HeldPicture } from '../player/held-picture.ts';
import { Player } from '../player/player.ts';
import type { PlayerState } from '../player/player-state.ts';
import type { ViewSettings } from '../player/view-settings.ts';
import type { TruthClip } from '../truth/truth-clip.ts';
import { Icon } from './icon.tsx';
import { closeOwnWindow } from './pop-out.ts';

export interface StageProps {
  readonly camera: CameraInfo;
  readonly feed: CameraFeed;
  readonly layers: Layers;
  readonly settings: ViewSettings;
  /** null: not known or not wanted. */
  readonly truth: TruthClip | null;
  readonly words: StreamWords;
  readonly player: PlayerState;
  readonly onPlayer: (state: PlayerState) => void;
  readonly onFigures: (figures: OverlayFigures) => void;
  readonly onReady: (parts: { overlay: Overlay; player: Player; element: HTMLElement }) => void;
}

const BUFFER_EVERY_MS = 1_000;

export function Stage(props: StageProps) {
  let element!: HTMLDivElement;
  let video!: HTMLVideoElement;
  let canvas!: HTMLCanvasElement;
  let still!: HTMLCanvasElement;
  const [hasStill, setHasStill] = createSignal(false);
  const [player, setPlayer] = createSignal<Player>();
  const seconds = createCountdown(() => props.words.retryAtMs);

  onMount(() => {
    let running: Player | undefined;
    const held = new HeldPicture(video, still, props.camera.name);
    void held.show().then(() => setHasStill(held.hasPicture));
    const keep = () => {
      if (held.hold()) held.keep();
    };
    addEventListener('pagehide', keep);
    const overlay = new Overlay({
      video,
      canvas,
      layers: () => props.layers,
      truth: () => props.truth,
      units: props.camera.units,
      clockOffsetMs: () => props.feed.clockOffsetMs(),
      programUtc: (mediaS) => running?.programUtc(mediaS) ?? null,
      firstTier: tierFromAddress(),
      onShown: () => running?.frameShown(),
      onFigures: (figures) => props.onFigures(figures),
      onPainted: (frame, atMs) => props.feed.painted(frame, atMs),
    });
    overlay.setZones(props.camera.zones, props.camera.scaled);
    running = new Player({
      video,
      mediaBase: props.camera.mediaBase,
      bufferTargetMs: () => (props.settings.latency === 'lowest' ? 0 : overlay.buffer.targetMs),
      onLeaving: () => {
        held.hold();
        setHasStill(held.hasPicture);
      },
      onState: (state) => {
        if (state.kind === 'connecting') overlay.resetShare();
        props.onPlayer(state);
      },
    });
    setPlayer(running);
    const buffer = setInterval(() => running?.applyBufferTarget(), BUFFER_EVERY_MS);
    props.onReady({ overlay, player: running, element });
    createEffect(() => {
      overlay.setManualOffset(props.settings.offsetMs);
      running?.applyBufferTarget();
    });
    createEffect(() => {
      props.layers;
      props.truth;
      overlay.repaint();
    });
    onCleanup(() => {
      clearInterval(buffer);
      removeEventListener('pagehide', keep);
      keep();
      running?.close();
      overlay.close();
      closeOwnWindow(element);
    });
  });

  const isPlaying = () => props.player.kind === 'playing';
  /** The first moments of a reconnect: the last picture stays, and little is said. */
  const isResuming = () => hasStill() && props.player.kind === 'connecting' && props.words.tone === 'connecting';
  return (
    <div class="stage" ref={element} classList={{ 'is-playing': isPlaying() }}>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas without tabindex takes no focus */}
      <canvas ref={still} class="stage-still" data-testid="still" aria-hidden="true" />
      <video
        ref={video}
        data-testid="player"
        muted
        autoplay
        playsinline
        aria-label={`Live picture of ${props.camera.siteName || props.camera.name}`}
      />
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas without tabindex takes no focus */}
      <canvas ref={canvas} data-testid="overlay" aria-hidden="true" />
      <Show when={isResuming()}>
        <p class="stage-note" role="status">
          {props.words.reason}
        </p>
      </Show>
      <Show when={!isPlaying() && !isResuming()}>
        <div class="stage-cover" data-testid="stage-cover" classList={{ 'has-still': hasStill() }}>
          <Show
            when={props.player.kind === 'blocked'}
            fallback={
              <>
                <span class="stage-mark" classList={{ 'is-working': props.words.tone === 'connecting' }}>
                  <Icon name={props.words.tone === 'offline' ? 'alert' : 'camera'} />
                </span>
                <p class="stage-title">{props.words.tone === 'offline' ? 'No picture' : 'Connecting'}</p>
                <p class="stage-text">
                  {props.words.reason}
                  <Show when={props.words.remedy}>{(remedy) => <> {remedy()}</>}</Show>
                  <Show when={seconds()}>{(s) => <> Next attempt in {s()} s.</>}</Show>
                </p>
                <Show when={props.words.tone === 'offline'}>
                  <button type="button" class="button is-on-dark" onClick={() => player()?.retry()}>
                    Try again now
                  </button>
                </Show>
              </>
            }
          >
            <button type="button" class="button is-on-dark" onClick={() => player()?.retry()}>
              <Icon name="play" /> Play
            </button>
          </Show>
        </div>
      </Show>
      <Show when={isPlaying() && props.words.reason}>
        <p class="stage-note" role="status">
          {props.words.reason}
          <Show when={props.player.transport === 'hls'}>
            <button type="button" class="link" onClick={() => player()?.retry('webrtc')}>
              Try WebRTC
            </button>
          </Show>
        </p>
      </Show>
    </div>
  );
}

/** `?tier=3` leaves out the tiers before: to see what the others do. */
function tierFromAddress(): Tier {
  const asked = Number(new URLSearchParams(location.search).get('tier'));
  return asked === 2 || asked === 3 || asked === 4 || asked === 5 ? asked : 1;
}
