/** `/`: the camera with its overlay, what just happened, and how today went. */
import { createEffect, createMemo, createSignal, onCleanup, Show } from 'solid-js';
import type { CameraInfo } from '../../rpc/api/types.ts';
import { createCameraFeed } from '../live/camera-feed.ts';
import { createRecentPasses } from '../live/recent-passes.ts';
import { useSiteTime } from '../live/site-time.ts';
import { streamWords } from '../live/stream-words.ts';
import type { OverlayFigures } from '../overlay/figures.ts';
import { keepLayers, type Layers, loadLayers } from '../overlay/layers.ts';
import type { Overlay } from '../overlay/overlay.ts';
import { CameraPage } from '../parts/camera-page.tsx';
import { Diagnostics } from '../parts/diagnostics.tsx';
import { capitalise, VERDICT_WORDS } from '../parts/format.ts';
import { Icon } from '../parts/icon.tsx';
import { createShortcuts } from '../parts/keys.ts';
import { Notice } from '../parts/notice.tsx';
import { PassList } from '../parts/pass-list.tsx';
import { canPopOut, popOut } from '../parts/pop-out.ts';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { Stage } from '../parts/stage.tsx';
import { StageBar } from '../parts/stage-bar.tsx';
import { StatePill } from '../parts/state-pill.tsx';
import { Tally } from '../parts/tally.tsx';
import { TruthPanel } from '../parts/truth-panel.tsx';
import type { Player } from '../player/player.ts';
import type { PlayerState } from '../player/player-state.ts';
import type { StreamFailure } from '../player/stream-failure.ts';
import { keepViewSettings, loadViewSettings } from '../player/view-settings.ts';
import { createTruth } from '../truth/truth-source.ts';

export function Live() {
  return (
    <CameraPage loading={<LiveSkeleton />} noCamera={() => <NoCamera />}>
      {(camera) => <LiveCamera camera={camera} />}
    </CameraPage>
  );
}

function NoCamera() {
  return (
    <div class="card is-lonely">
      <Notice icon="camera" title="No camera is configured">
        Add one to the configuration file and start StopSign again.
      </Notice>
    </div>
  );
}

function LiveCamera(props: { readonly camera: CameraInfo }) {
  // The component is made anew for every camera, so its name may be read once.
  const { camera } = props;
  const time = useSiteTime();
  const recent = createRecentPasses(camera.name);
  const [player, setPlayer] = createSignal<PlayerState>({ kind: 'connecting', transport: 'webrtc' });
  const [figures, setFigures] = createSignal<OverlayFigures | null>(null);
  const [layers, setLayers] = createSignal<Layers>(loadLayers());
  const truth = createTruth(camera.truth, () => layers().truth);
  const [nowS, setNowS] = createSignal(Date.now() / 1_000);
  const [settings, setSettings] = createSignal(loadViewSettings(camera.name));
  const [isDetailed, setDetailed] = createSignal(false);
  const [running, setRunning] = createSignal<Player>();
  let overlay: Overlay | undefined;
  let stage: HTMLElement | undefined;

  const feed = createCameraFeed(camera.name, {
    onFrame: (frame) => overlay?.add(frame),
    onZones: (zones, scaled) => overlay?.setZones(zones, scaled),
    onPass: recent.add,
    onReconnect: recent.refresh,
  });
  const words = createMemo(() => streamWords(player(), feed.socket(), feed.status()));
  const toggle = (layer: keyof Layers) => setLayers((now) => ({ ...now, [layer]: !now[layer] }));
  const fullscreen = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else stage?.requestFullscreen?.().catch(() => undefined);
  };
  const toOwnWindow = () => {
    if (stage) popOut(stage).catch(() => undefined); // refused, or closed at once: the picture stays where it is
  };
  createEffect(() => keepLayers(layers()));
  createEffect(() => keepViewSettings(camera.name, settings()));
  createEffect(() => {
    if (player().kind !== 'playing') setFigures(null);
  });
  const failure = createMemo<StreamFailure | null>((before) => {
    const now = player();
    return now.kind === 'waiting' ? now.failure : before;
  }, null);
  createShortcuts({
    b: () => toggle('boxes'),
    l: () => toggle('labels'),
    z: () => toggle('zone'),
    r: () => toggle('trails'),
    h: () => toggle('heat'),
    d: () => setDetailed((is) => !is),
    p: toOwnWindow,
    f: fullscreen,
    ...(camera.truth === null ? {} : { g: () => toggle('truth') }),
  });
  const serverUtc = () => (Date.now() + (feed.clockOffsetMs() ?? 0)) / 1_000;
  const clock = setInterval(() => setNowS(Date.now() / 1_000), 60_000);
  onCleanup(() => clearInterval(clock));

  return (
    <div class="live" classList={{ 'has-truth': truth.state().kind !== 'off' }}>
      <div class="live-head">
        <h1 class="page-title">{camera.siteName || camera.name}</h1>
        <StatePill words={words()} />
        <Show when={camera.demo}>
          <span class="tag is-demo">Demo clip</span>
        </Show>
        <Show when={feed.status()?.view}>
          {(view) => (
            <div class="banner live-view" role="status" data-testid="view-suspended">
              <Icon name="camera" />
              <span>
                {view().sentence} Passes are indeterminate until{' '}
                {view().state === 'reshaped'
                  ? 'the calibrated shape comes again.'
                  : 'an admin says that the zones still fit.'}
              </span>
            </div>
          )}
        </Show>
      </div>
      <section class="card live-stage" aria-label="Live picture">
        <Stage
          camera={camera}
          feed={feed}
          layers={layers()}
          settings={settings()}
          truth={truth.clip()}
          words={words()}
          player={player()}
          onPlayer={setPlayer}
          onFigures={setFigures}
          onReady={(parts) => {
            overlay = parts.overlay;
            stage = parts.element;
            setRunning(parts.player);
          }}
        />
        <StageBar
          layers={layers()}
          onToggle={toggle}
          hasTruth={camera.truth !== null}
          onFullscreen={fullscreen}
          onPopOut={canPopOut() ? toOwnWindow : undefined}
          isDetailed={isDetailed()}
          onDetails={() => setDetailed((is) => !is)}
          figures={figures()}
          status={feed.status()}
        />
        <Show when={isDetailed()}>
          <Diagnostics
            figures={figures()}
            player={running()}
            transport={player().transport}
            failure={failure()}
            rttMs={feed.rttMs()}
            clockOffsetMs={feed.clockOffsetMs()}
            settings={settings()}
            onSettings={setSettings}
          />
        </Show>
      </section>
      <section class="card live-passes" aria-labelledby="passes-title">
        <div class="card-head">
          <h2 id="passes-title" class="card-title">
            Recent passes
          </h2>
          <a class="link" href={`/passes?camera=${encodeURIComponent(camera.name)}`}>
            All
          </a>
        </div>
        <div class="live-passes-scroll">
          <Show
            when={recent.passes() === undefined && recent.problem()}
            fallback={
              <PassList
                passes={recent.passes()}
                hrefOf={(pass) => `/passes/${encodeURIComponent(pass.id)}?camera=${encodeURIComponent(camera.name)}`}
                freshId={recent.announced()?.id}
                truth={truth.clip()}
                emptyTitle="No pass yet"
                emptyText="The first vehicle that drives through the stop zone appears here."
              />
            }
          >
            {(problem) => (
              <ProblemNotice problem={problem()} what="Passes cannot be loaded" onRetry={() => recent.refresh()} />
            )}
          </Show>
        </div>
        <p class="sr-only" aria-live="polite" data-testid="announcer">
          <Show when={recent.announced()}>
            {(pass) =>
              `${capitalise(pass().vehicle)} at ${time.clock(pass().entered_utc)}: ${VERDICT_WORDS[pass().verdict]}.`
            }
          </Show>
        </p>
      </section>
      <Show when={truth.state().kind !== 'off'}>
        <TruthPanel truth={truth} passes={recent.passes() ?? []} nowUtc={serverUtc} />
      </Show>
      <Tally stats={recent.stats()} nowS={nowS()} />
    </div>
  );
}

function LiveSkeleton() {
  return (
    <div class="live" role="status" aria-label="Loading">
      <div class="live-head">
        <span class="skeleton is-heading" />
      </div>
      <div class="card live-stage">
        <div class="stage" />
        <div class="stage-bar" />
      </div>
      <div class="card live-passes">
        <div class="card-head">
          <h2 class="card-title">Recent passes</h2>
        </div>
        <PassList passes={undefined} hrefOf={() => ''} emptyTitle="" emptyText="" />
      </div>
      <div class="card tally is-empty" />
    </div>
  );
}
