/** `/passes` and `/passes/<id>`: every pass there was, by verdict, and the evidence of one. */
import { useParams } from '@solidjs/router';
import { createEffect, createMemo, createSignal, on, onCleanup, Show } from 'solid-js';
import type { PassEvent, Verdict } from '../../domain/types.ts';
import type { CameraInfo } from '../../rpc/api/types.ts';
import { mergePasses } from '../live/merge-passes.ts';
import { createPolled, describeFailure } from '../live/polling.ts';
import { api } from '../live/trpc.ts';
import { keepLayers, type Layers, loadLayers } from '../overlay/layers.ts';
import { CameraPage } from '../parts/camera-page.tsx';
import { VERDICT_WORDS, VERDICTS } from '../parts/format.ts';
import { createShortcuts } from '../parts/keys.ts';
import { Notice } from '../parts/notice.tsx';
import { PassDetailView } from '../parts/pass-detail.tsx';
import { PassList } from '../parts/pass-list.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { Segmented } from '../parts/segmented.tsx';
import { type ScoreDays, SiteScorePanel } from '../parts/site-score.tsx';
import { toast } from '../parts/toasts.tsx';
import { TruthToggle } from '../parts/truth-toggle.tsx';
import { createTruth } from '../truth/truth-source.ts';
import '../styles/passes.css';
import '../styles/score.css';

const PAGE = 50;
const SCORE_AGAIN_MS = 60_000;

export function Passes() {
  return (
    <CameraPage loading={<div class="page-loading" role="status" aria-label="Loading" />}>
      {(camera) => <PassesOf camera={camera} />}
    </CameraPage>
  );
}

function PassesOf(props: { readonly camera: CameraInfo }) {
  const params = useParams<{ id?: string }>();
  const { camera } = props;
  const [verdict, setVerdict] = createSignal<Verdict | 'all'>('all');
  const [more, setMore] = createSignal<readonly PassEvent[]>([]);
  const [isLoadingMore, setLoadingMore] = createSignal(false);
  const [hasMore, setHasMore] = createSignal(true);
  const newest = createPolled(() => api.passes.recent.query({ camera: camera.name, limit: PAGE }), 60_000);
  const [live, setLive] = createSignal<readonly PassEvent[]>([]);
  const [days, setDays] = createSignal<ScoreDays>('7');
  const score = createPolled(() => {
    const asked = days();
    return api.passes.score.query({ camera: camera.name, days: Number(asked) }).then((told) => ({ asked, told }));
  }, SCORE_AGAIN_MS);
  createEffect(on(days, () => score.refresh(), { defer: true }));
  /** What was asked for other days is no answer. */
  const siteScore = () => {
    const known = score.value();
    return known?.asked === days() ? known.told : undefined;
  };
  const watch = api.passes.watch.subscribe(
    { camera: camera.name },
    {
      onData: ({ data }) => setLive((before) => mergePasses([data], before)),
      // The list asks again by itself each minute: a lost subscription costs freshness, nothing else.
      onError: () => undefined,
    },
  );
  onCleanup(() => watch.unsubscribe());

  const all = () => {
    const known = newest.value();
    return known && mergePasses(live(), mergePasses(known, more()));
  };
  createEffect(() => {
    if ((newest.value()?.length ?? PAGE) < PAGE && more().length === 0) setHasMore(false);
  });
  const shown = () => {
    const wanted = verdict();
    return wanted === 'all' ? all() : all()?.filter((pass) => pass.verdict === wanted);
  };
  const count = (wanted: Verdict | 'all') =>
    (all() ?? []).filter((pass) => wanted === 'all' || pass.verdict === wanted).length;

  const loadMore = async () => {
    const oldest = all()?.at(-1);
    if (!oldest) return;
    setLoadingMore(true);
    try {
      const page = await api.passes.recent.query({ camera: camera.name, limit: PAGE, before: oldest.entered_utc });
      setMore((before) => mergePasses(before, page));
      if (page.length < PAGE) setHasMore(false);
    } catch (error) {
      toast('problem', describeFailure(error).message);
    } finally {
      setLoadingMore(false);
    }
  };
  const [layers, setLayers] = createSignal<Layers>(loadLayers());
  const toggleTruth = () => setLayers((now) => ({ ...now, truth: !now.truth }));
  createEffect(() => keepLayers(layers()));
  const truth = createTruth(camera.truth, () => layers().truth);
  if (camera.truth !== null) createShortcuts({ g: toggleTruth });
  const whyNoTruth = createMemo(() => {
    const state = truth.state();
    return state.kind === 'failed' ? state.problem.message : null;
  });
  createEffect(() => {
    const why = whyNoTruth();
    if (why !== null) toast('problem', `The ground truth cannot be loaded: ${why}`);
  });
  const query = `?camera=${encodeURIComponent(camera.name)}`;

  return (
    <div class="passes-page" classList={{ 'has-detail': params.id !== undefined }}>
      <div class="page-head">
        <h1 class="page-title">Passes</h1>
        <Show when={camera.truth !== null}>
          <TruthToggle isOn={layers().truth} onToggle={toggleTruth} />
        </Show>
        <Segmented
          label="Filter by verdict"
          value={verdict()}
          onChange={setVerdict}
          options={[
            { value: 'all', name: 'All', count: count('all') },
            ...VERDICTS.map((value) => ({ value, name: VERDICT_WORDS[value], count: count(value) })),
          ]}
        />
      </div>
      <SiteScorePanel score={siteScore()} problem={score.problem()} days={days()} onDays={setDays} />
      <section class="card passes-list" aria-label="Passes">
        <Show
          when={all() === undefined && newest.problem()}
          fallback={
            <>
              <PassList
                passes={shown()}
                hrefOf={(pass) => `/passes/${encodeURIComponent(pass.id)}${query}`}
                chosenId={params.id}
                freshId={live()[0]?.id}
                truth={truth.clip()}
                emptyTitle={verdict() === 'all' ? 'No pass yet' : 'None of these'}
                emptyText={
                  verdict() === 'all'
                    ? 'Every vehicle that drives through the stop zone is listed here.'
                    : 'No loaded pass was judged so. Choose another verdict or load older passes.'
                }
              />
              <Show when={hasMore() && (all()?.length ?? 0) > 0}>
                <button type="button" class="button is-wide" disabled={isLoadingMore()} onClick={loadMore}>
                  {isLoadingMore() ? 'Loading …' : 'Older passes'}
                </button>
              </Show>
            </>
          }
        >
          {(problem) => (
            <ProblemNotice problem={problem()} what="Passes cannot be loaded" onRetry={() => newest.refresh()} />
          )}
        </Show>
      </section>
      <section class="card passes-detail" aria-label="The chosen pass">
        <Show
          keyed
          when={params.id}
          fallback={
            <Notice icon="activity" title="Choose a pass">
              Its speed over time and the figures it was judged on appear here.
            </Notice>
          }
        >
          {(id) => (
            <PassDetailView
              id={id}
              known={all()?.find((pass) => pass.id === id)}
              backHref={`/passes${query}`}
              truth={truth.clip()}
            />
          )}
        </Show>
      </section>
    </div>
  );
}
