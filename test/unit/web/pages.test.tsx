import { MemoryRouter, Route } from '@solidjs/router';
import { cleanup, fireEvent, render, screen } from '@solidjs/testing-library';
import { createSignal, type JSX } from 'solid-js';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SpeedChart } from '../../../src/web/charts/speed-chart.tsx';
import { flowStages } from '../../../src/web/live/flow.ts';
import { ActorTable, type ActorTableProps } from '../../../src/web/parts/actor-table.tsx';
import { Checks } from '../../../src/web/parts/checks.tsx';
import { FlowPicture } from '../../../src/web/parts/flow-picture.tsx';
import { Incidents } from '../../../src/web/parts/incidents.tsx';
import { LoginForm } from '../../../src/web/parts/login-form.tsx';
import { PassList } from '../../../src/web/parts/pass-list.tsx';
import { ProblemNotice } from '../../../src/web/parts/problem-notice.tsx';
import { StageBar } from '../../../src/web/parts/stage-bar.tsx';
import { Tally } from '../../../src/web/parts/tally.tsx';
import { actor, liveStatus, pass, system } from './examples.ts';

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
      generation: 1,
      cause: 'stall',
      detail: 'no progress',
      startedUtc: 1,
      resolvedUtc: null,
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
  const bar = (figures: Parameters<typeof StageBar>[0]['figures']) =>
    render(() => (
      <StageBar
        layers={{ boxes: true, labels: false, zone: true }}
        onToggle={() => undefined}
        onFullscreen={() => undefined}
        figures={figures}
        status={liveStatus()}
      />
    ));
  const figures = { tier: 1, exactShare: 1, syncedShare: 1, hasMetadata: true, shownFps: 29.9, lagMs: 312 } as const;

  it.each([
    [figures, 'Frame-exact 100 %'],
    [{ ...figures, exactShare: 0.33, syncedShare: 0.97 }, 'In sync 97.0 %'],
    [{ ...figures, tier: 5, exactShare: 0 }, 'Unsynced '],
    [{ ...figures, tier: 5, hasMetadata: false }, 'No boxes '],
    [null, '– '],
  ] as const)('names how the overlay is matched (%#)', (given, text) => {
    bar(given);
    expect(screen.getByTestId('sync-tier').textContent).toBe(text);
  });

  it('shows which layers are on', () => {
    bar(figures);
    const pressed = (name: string) => screen.getByRole('button', { name }).getAttribute('aria-pressed');
    expect([pressed('Boxes'), pressed('Labels'), pressed('Zone')]).toEqual(['true', 'false', 'true']);
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
