import { MemoryRouter, Route } from '@solidjs/router';
import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library';
import { createSignal, type JSX } from 'solid-js';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SpeedChart } from '../../../src/web/charts/speed-chart.tsx';
import { flowStages } from '../../../src/web/live/flow.ts';
import { SiteZone } from '../../../src/web/live/site-time.ts';
import type { OverlayFigures } from '../../../src/web/overlay/figures.ts';
import { ActorTable, type ActorTableProps } from '../../../src/web/parts/actor-table.tsx';
import { Checks } from '../../../src/web/parts/checks.tsx';
import { FlowPicture } from '../../../src/web/parts/flow-picture.tsx';
import { Incidents } from '../../../src/web/parts/incidents.tsx';
import { LoginForm } from '../../../src/web/parts/login-form.tsx';
import { PassList } from '../../../src/web/parts/pass-list.tsx';
import { ProblemNotice } from '../../../src/web/parts/problem-notice.tsx';
import { SiteZoneNote } from '../../../src/web/parts/site-zone-note.tsx';
import { StageBar } from '../../../src/web/parts/stage-bar.tsx';
import { Tally } from '../../../src/web/parts/tally.tsx';
import { TruthPanel } from '../../../src/web/parts/truth-panel.tsx';
import { createTruth, type TruthSource, type TruthState } from '../../../src/web/truth/truth-source.ts';
import { actor, liveStatus, pass, system } from './examples.ts';
import { clip, truthText } from './truth-examples.ts';

beforeAll(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      disconnect() {}
    },
  );
});
afterEach(cleanup);

const routed = (view: () => JSX.Element) =>
  render(() => (
    <MemoryRouter>
      <Route path="*" component={view} />
    </MemoryRouter>
  ));
const list = { hrefOf: () => '/', emptyTitle: 'No pass yet', emptyText: 'Wait for the first.' };

describe('the time', () => {
  const inZone = (zone: string) =>
    routed(() => (
      <SiteZone.Provider value={() => zone}>
        <PassList {...list} passes={[pass({ entered_utc: Date.UTC(2026, 6, 1, 22, 30, 5) / 1_000 })]} />
        <SiteZoneNote />
      </SiteZone.Provider>
    ));

  it('of a pass is that of its site, and the page says so where that is not the viewer’s', async () => {
    inZone('Asia/Kathmandu');
    expect((await screen.findByTestId('pass-item')).querySelector('time')?.textContent).toBe('04:15:05');
    expect((await screen.findByTestId('zone-note')).textContent).toContain('Asia/Kathmandu');
  });

  it('needs no words where both are the same', async () => {
    inZone(new Intl.DateTimeFormat().resolvedOptions().timeZone);
    await screen.findByTestId('pass-item');
    expect(screen.queryByTestId('zone-note')).toBeNull();
  });
});

describe('PassList', () => {
  it('shows placeholders until the passes are known', async () => {
    routed(() => <PassList {...list} passes={undefined} />);
    expect(await screen.findByRole('status', { name: 'Loading passes' })).toBeTruthy();
    expect(screen.queryAllByTestId('pass-item')).toHaveLength(0);
  });

  it('says when there are none yet', async () => {
    routed(() => <PassList {...list} passes={[]} />);
    expect((await screen.findByTestId('passes-empty')).textContent).toContain('No pass yet');
  });

  it('tells the verdict in words, with figures and reason', async () => {
    routed(() => (
      <PassList {...list} passes={[pass({ verdict: 'rolling_stop', reason: 'slowed to 6.5 km/h', forced: true })]} />
    ));
    const item = await screen.findByTestId('pass-item');
    expect(item.dataset['verdict']).toBe('rolling_stop');
    for (const text of [
      'Rolling stop',
      'Car #12',
      'slowed to 6.5 km/h',
      '1.48 ± 0.09 s',
      '31 km/h',
      'behind another',
    ]) {
      expect(item.textContent).toContain(text);
    }
  });

  it('marks only the pass that just happened', async () => {
    const [passes, setPasses] = createSignal([pass({ id: 'a' })]);
    const [fresh, setFresh] = createSignal<string>();
    routed(() => <PassList {...list} passes={passes()} freshId={fresh()} />);
    await screen.findByTestId('pass-item');
    setPasses([pass({ id: 'b' }), ...passes()]);
    setFresh('b');
    const marked = screen.getAllByTestId('pass-item').filter((item) => item.classList.contains('is-fresh'));
    expect(marked.map((item) => item.dataset['pass'])).toEqual(['b']);
  });
});

describe('the ground truth', () => {
  const nowUtc = 1_795_380_015;
  const measured = pass({
    id: 'a',
    entered_utc: nowUtc - 14,
    exited_utc: nowUtc - 9,
    stopped_s: { value: 1.4, lo: 1.3, hi: 1.45 },
    approach_speed: { value: 30.4, lo: 29, hi: 31, unit: 'km/h' },
  });
  const source = (state: TruthState): TruthSource => ({
    state: () => state,
    clip: () => (state.kind === 'ready' ? state.clip : null),
    retry: vi.fn(),
  });

  it('stands beside a pass of the list that it knows, with the difference', async () => {
    const other = pass({ id: 'b', entered_utc: nowUtc - 18.5, exited_utc: nowUtc - 17 });
    routed(() => <PassList {...list} passes={[measured, other]} truth={clip} />);
    const [known, unknown] = await screen.findAllByTestId('pass-item');
    const figures = [...(known?.querySelectorAll<HTMLElement>('.truth-figure') ?? [])];
    expect(figures.map((figure) => figure.dataset['quantity'])).toEqual(['stood', 'slowest', 'approach']);
    expect(figures[0]?.textContent).toContain('truth 1.50 s');
    expect(figures[0]?.textContent).toContain('−0.10');
    expect(figures[0]?.textContent).toContain('outside of the interval');
    expect(figures[2]?.textContent).toMatch(/truth 30\.0 km\/h.*\+0\.4.*within the interval/);
    expect(unknown?.querySelector('.truth-figure')).toBeNull();
  });

  it('is not there without being asked for', async () => {
    routed(() => <PassList {...list} passes={[measured]} truth={null} />);
    expect((await screen.findByTestId('pass-item')).textContent).not.toContain('truth');
  });

  it('says another verdict in words', async () => {
    routed(() => <PassList {...list} passes={[{ ...measured, verdict: 'rolling_stop' }]} truth={clip} />);
    expect((await screen.findByTestId('pass-truth')).textContent).toContain('truth: full stop');
  });

  it('is summed up for the last lap, with a row for every pass of the clip', async () => {
    routed(() => <TruthPanel truth={source({ kind: 'ready', clip })} passes={[measured]} nowUtc={() => nowUtc} />);
    expect((await screen.findByTestId('truth-summary')).textContent).toMatch(
      /1 of 2.*passes found.*1 of 1.*verdicts right.*standing off by 0\.10 s/,
    );
    const rows = screen.getAllByTestId('truth-row');
    expect(rows.map((row) => [row.dataset['pass'], row.dataset['found']])).toEqual([
      ['stop', 'true'],
      ['over-the-seam', 'false'],
    ]);
    expect(rows[0]?.textContent).toContain('1.40 s [1.30, 1.45]truth 1.50 s');
    expect(rows[1]?.textContent).toContain('not measured in this lap');
  });

  it('says that it is loading, and why it cannot be loaded', async () => {
    const panel = (state: TruthState) => {
      const truth = source(state);
      const view = routed(() => <TruthPanel truth={truth} passes={[]} nowUtc={() => nowUtc} />);
      return { truth, ...view };
    };
    const { unmount } = panel({ kind: 'loading' });
    expect(await screen.findByRole('status', { name: 'Loading the ground truth' })).toBeTruthy();
    unmount();
    const problem = { message: 'The server does not answer.', code: null, retryAtMs: performance.now() + 2_000 };
    const { truth } = panel({ kind: 'failed', problem });
    expect((await screen.findByTestId('problem')).textContent).toContain('The ground truth cannot be loaded');
    fireEvent.click(screen.getByRole('button', { name: 'Try again now' }));
    expect(truth.retry).toHaveBeenCalledTimes(1);
  });

  it('is loaded once, when it is first wanted, and again after a failure', async () => {
    const answers = [
      new Response('{"error":"There is no truth for a camera of that name."}', { status: 404 }),
      new Response(truthText()),
    ];
    const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => answers.shift() as Response);
    const [isWanted, setWanted] = createSignal(false);
    let truth!: TruthSource;
    render(() => {
      truth = createTruth('/truth/demo', isWanted);
      return <p>{truth.state().kind}</p>;
    });
    expect(screen.getByText('off')).toBeTruthy();
    expect(fetched).not.toHaveBeenCalled();
    setWanted(true);
    await screen.findByText('failed');
    const state = truth.state();
    expect(state.kind === 'failed' && state.problem).toEqual({
      code: '404',
      message: 'There is no truth for a camera of that name.',
      retryAtMs: expect.any(Number),
    });
    truth.retry();
    await screen.findByText('ready');
    setWanted(false);
    expect(truth.clip()).toBeNull();
    setWanted(true);
    expect(truth.clip()?.passes).toHaveLength(2);
    expect(fetched).toHaveBeenCalledTimes(2);
    fetched.mockRestore();
  });
});

describe('ActorTable', () => {
  const table = (changes: Partial<ActorTableProps> = {}): ActorTableProps => ({
    actors: [
      actor({ name: 'decoder:demo' }),
      actor({ name: 'inference', state: 'failed', errors: 3, restarts: 2, generation: 3 }),
    ],
    rates: new Map([['inference', { in: 30, out: 15.2, dropped: 0, skipped: 14.8 }]]),
    isAdmin: false,
    restarting: new Set(),
    onRestart: () => undefined,
    ...changes,
  });

  it('has a row for every actor with its state, counters and rates', () => {
    render(() => <ActorTable {...table()} />);
    const rows = screen.getAllByTestId('actor-row');
    expect(rows.map((row) => [row.dataset['actor'], row.dataset['state']])).toEqual([
      ['decoder:demo', 'running'],
      ['inference', 'failed'],
    ]);
    const cell = (field: string) => rows[1]?.querySelector<HTMLElement>(`[data-field=${field}]`);
    expect(cell('out')?.textContent).toBe('10015.2/s');
    expect(cell('errors')?.classList.contains('is-bad')).toBe(true);
    expect(cell('skipped')?.classList.contains('is-warning')).toBe(true);
    expect(cell('restarts')?.textContent).toBe('2gen 3');
  });

  it('offers restarts to an admin only', () => {
    const { unmount } = render(() => <ActorTable {...table()} />);
    expect(screen.queryAllByTestId('restart')).toHaveLength(0);
    unmount();
    const onRestart = vi.fn();
    render(() => <ActorTable {...table({ isAdmin: true, onRestart })} />);
    fireEvent.click(screen.getByRole('button', { name: 'Restart inference' }));
    expect(onRestart).toHaveBeenCalledWith('inference');
  });

  it('cannot restart what is being restarted', () => {
    render(() => <ActorTable {...table({ isAdmin: true, restarting: new Set(['inference']) })} />);
    expect(screen.getByRole('button', { name: 'Restart inference' }).hasAttribute('disabled')).toBe(true);
    expect(screen.getByRole('button', { name: 'Restart decoder:demo' }).hasAttribute('disabled')).toBe(false);
  });

  it('keeps the rows in place while the figures change', () => {
    const [actors, setActors] = createSignal([actor({ in: 1 })]);
    render(() => <ActorTable {...table()} actors={actors()} />);
    const row = screen.getByTestId('actor-row');
    setActors([actor({ in: 2, heartbeatAgeMs: 3_000 })]);
    expect(screen.getByTestId('actor-row')).toBe(row);
    expect(row.querySelector('[data-field=in]')?.textContent).toContain('2');
    expect(row.querySelector('[data-field=heartbeat]')?.classList.contains('is-warning')).toBe(true);
  });

  it('says when no actor runs, and waits while nothing is known', () => {
    const { unmount } = render(() => <ActorTable {...table({ actors: [] })} />);
    expect(screen.getByTestId('actors-empty')).toBeTruthy();
    unmount();
    render(() => <ActorTable {...table({ actors: undefined })} />);
    expect(screen.getByRole('status', { name: 'Loading the actors' })).toBeTruthy();
  });
});

describe('the rest of the admin page', () => {
  it('draws every stage of the pipeline', () => {
    render(() => <FlowPicture stages={flowStages(system(), new Map())} />);
    const stages = screen.getAllByTestId('flow-node').map((node) => node.dataset['stage']);
    expect(stages).toEqual(['camera', 'decoder', 'inference', 'tracker', 'persister', 'gateway']);
  });

  it('tells a failed check in more than colour', () => {
    render(() => (
      <Checks nowMs={1_000_000} checks={[{ name: 'database', ok: false, detail: 'refuses', tsUtc: 1_000 }]} />
    ));
    expect(screen.getByTestId('check').textContent).toContain('not ok');
    expect(screen.getByTestId('check').textContent).toContain('refuses');
  });

  it('lists incidents with their cause, and says when there are none', () => {
    const incident = {
      id: '1',
      actor: 'inference',
      stage: 'inference',
      generation: 1,
      cause: 'stall',
      detail: 'no progress',
      startedUtc: 1,
      resolvedUtc: null,
      framesLost: null,
    } as const;
    const { unmount } = render(() => <Incidents nowMs={10_000} incidents={[incident]} />);
    expect(screen.getByTestId('incident').textContent).toMatch(/Stall.*inference.*no progress.*still going on/);
    unmount();
    render(() => <Incidents nowMs={0} incidents={[]} />);
    expect(screen.getByTestId('incidents-empty')).toBeTruthy();
  });

  it('shows why a login failed', async () => {
    const onLogin = vi.fn(async () => 'This is not the token.');
    render(() => <LoginForm onLogin={onLogin} />);
    fireEvent.input(screen.getByLabelText('Admin token'), { target: { value: ' wrong ' } });
    fireEvent.submit(screen.getByTestId('login'));
    expect((await screen.findByRole('alert')).textContent).toBe('This is not the token.');
    expect(onLogin).toHaveBeenCalledWith('wrong');
  });
});

describe('error states', () => {
  it('says what failed, why and when it is tried again', async () => {
    const onRetry = vi.fn();
    const problem = { message: 'The server does not answer.', code: null, retryAtMs: performance.now() + 4_500 };
    routed(() => <ProblemNotice problem={problem} what="Passes cannot be loaded" onRetry={onRetry} />);
    expect((await screen.findByTestId('problem')).textContent).toMatch(
      /Passes cannot be loaded.*does not answer.*in 5 s/,
    );
    fireEvent.click(screen.getByRole('button', { name: 'Try again now' }));
    expect(onRetry).toHaveBeenCalledTimes(1);
  });

  it('asks for a login where viewing needs one', async () => {
    const problem = { message: 'Viewing needs the token.', code: 'UNAUTHORIZED', retryAtMs: 0 };
    routed(() => <ProblemNotice problem={problem} what="Passes cannot be loaded" onRetry={() => undefined} />);
    expect((await screen.findByRole('link', { name: 'Log in' })).getAttribute('href')).toBe('/admin');
  });
});

describe('figures on the live page', () => {
  const onToggle = vi.fn();
  const bar = (figures: Parameters<typeof StageBar>[0]['figures'], hasTruth = false, status = liveStatus()) =>
    render(() => (
      <StageBar
        layers={{ boxes: true, labels: false, zone: true, trails: false, heat: false, truth: true }}
        isDetailed={false}
        onDetails={() => undefined}
        hasTruth={hasTruth}
        onToggle={onToggle}
        onFullscreen={() => undefined}
        figures={figures}
        status={status}
      />
    ));
  const figures: OverlayFigures = {
    tier: 1,
    exactShare: 1,
    syncedShare: 1,
    aheadShare: 0,
    residualP95Ms: 0,
    frameMs: 33,
    hasMetadata: true,
    shownFps: 29.9,
    missedFrames: 0,
    lagMs: 312,
    metadataLateP50Ms: 40,
    metadataLateP95Ms: 60,
    bufferTargetMs: 110,
    chain: [],
  };

  it.each([
    [figures, 'Frame-exact 100 %'],
    [{ ...figures, exactShare: 0.33, syncedShare: 0.97 }, 'In sync 97.0 %'],
    [{ ...figures, exactShare: 0.1, syncedShare: 0.1, aheadShare: 0.9 }, 'Predicted 90.0 %'],
    [{ ...figures, exactShare: 0.1, syncedShare: 0.5, aheadShare: 0.1 }, 'Boxes late 40.0 %'],
    [{ ...figures, tier: 5, exactShare: 0 }, 'Unsynced '],
    [{ ...figures, tier: 5, hasMetadata: false }, 'No boxes '],
    [null, '– '],
  ] as const)('names how the overlay is matched (%#)', (given, text) => {
    bar(given);
    expect(screen.getByTestId('sync-tier').textContent).toBe(text);
  });

  it.each([
    [{ reason: 'load', fps: 12.04, of: 29.97 }, 'sampled 12 of 30'],
    [{ reason: 'empty_road', fps: 2, of: 30 }, 'resting: empty road'],
    [undefined, null],
  ] as const)('says when not every frame is analysed (%#)', (sampling, text) => {
    bar(figures, false, liveStatus(sampling && { sampling }));
    expect(screen.queryByTestId('sampling')?.textContent?.trim() ?? null).toBe(text);
  });

  it('shows which layers are on', () => {
    bar(figures);
    const pressed = (name: string) => screen.getByRole('button', { name }).getAttribute('aria-pressed');
    expect([pressed('Boxes'), pressed('Labels'), pressed('Zone')]).toEqual(['true', 'false', 'true']);
  });

  it('offers the ground truth only where there is one', () => {
    const { unmount } = bar(figures);
    expect(screen.queryByTestId('truth-toggle')).toBeNull();
    unmount();
    bar(figures, true);
    const toggle = screen.getByRole('button', { name: 'Show ground truth' });
    expect(toggle.getAttribute('aria-pressed')).toBe('true');
    fireEvent.click(toggle);
    expect(onToggle).toHaveBeenCalledWith('truth');
  });

  it('counts the share of full stops among those that could be judged', () => {
    const today = { full_stop: 3, rolling_stop: 1, no_stop: 1, indeterminate: 5 };
    render(() => <Tally nowS={0} stats={{ today, week: today, all: today, hourly: [], since: null }} />);
    expect(screen.getByTestId('full-stop-share').textContent).toBe('60 %');
  });

  it('claims no share before the first pass', () => {
    render(() => <Tally nowS={0} stats={undefined} />);
    expect(screen.getByTestId('full-stop-share').textContent).toBe('–');
  });
});

describe('SpeedChart', () => {
  const samples = [0, 1, 2, 3].map((t) => ({
    ts_utc: 1_000 + t,
    bbox: [0, 0, 1, 1] as const,
    ground: null,
    speed: 30 - 10 * t,
  }));
  it('draws one line through the samples and marks the slowest moment', () => {
    render(() => <SpeedChart pass={pass()} samples={samples} />);
    const path = screen.getByTestId('speed-chart').querySelector('.chart-line')?.getAttribute('d') ?? '';
    expect(path.match(/[ML]/g)).toEqual(['M', 'L', 'L', 'L']);
    expect(screen.getByTestId('speed-chart').querySelectorAll('circle')).toHaveLength(1);
  });
  it('says so when no speed was kept', () => {
    render(() => <SpeedChart pass={pass()} samples={samples.map((sample) => ({ ...sample, speed: null }))} />);
    expect(screen.queryByTestId('speed-chart')).toBeNull();
  });
});
