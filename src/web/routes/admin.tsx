/** `/admin`: every stage of the pipeline live, what is ready, what went wrong, and restarts for who may. */
import { createEffect, createMemo, createSignal, Match, onCleanup, Show, Switch } from 'solid-js';
import { createAdminSession } from '../live/admin-session.ts';
import { useCameras } from '../live/cameras.tsx';
import { flowStages, roomOf } from '../live/flow.ts';
import { createPolled, describeFailure } from '../live/polling.ts';
import { createSystemFeed } from '../live/system-feed.ts';
import { api } from '../live/trpc.ts';
import { ActorTable } from '../parts/actor-table.tsx';
import { Checks } from '../parts/checks.tsx';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { FlowPicture } from '../parts/flow-picture.tsx';
import { formatSpan } from '../parts/format.ts';
import { Icon } from '../parts/icon.tsx';
import { Incidents } from '../parts/incidents.tsx';
import { LoginForm } from '../parts/login-form.tsx';
import { toast } from '../parts/toasts.tsx';
import { ViewNotices } from '../parts/view-notices.tsx';
import '../styles/admin.css';

/** What somebody notices when a room is restarted. */
const EFFECTS: Readonly<Record<string, string>> = {
  decoder: 'Boxes pause for a moment; the picture plays on. Passes under way may be incomplete.',
  inference: 'Boxes of all cameras pause until the model is loaded again.',
  tracker: 'Vehicles in view are followed anew. Passes under way may be incomplete.',
  persister: 'Nothing is lost: what was not written yet is written by its successor.',
  gateway: 'All viewers, this page included, reconnect.',
};

export function Admin() {
  let heading!: HTMLHeadingElement;
  let tokenField!: HTMLInputElement;
  const cameras = useCameras();
  const session = createAdminSession();
  const system = createSystemFeed();
  const incidents = createPolled(() => api.incidents.recent.query({ limit: 20 }), 5_000);
  const [asked, setAsked] = createSignal<string | null>(null);
  const [restarting, setRestarting] = createSignal<ReadonlySet<string>>(new Set());
  const [nowMs, setNowMs] = createSignal(Date.now());
  const clock = setInterval(() => setNowMs(Date.now()), 1_000);
  onCleanup(() => clearInterval(clock));

  const stages = createMemo(() => {
    const status = system.status();
    return status ? flowStages(status, system.rates()) : [];
  });
  // With viewing restricted, the session is what lets the rest of the page load.
  createEffect(() => {
    if (session.isAdmin()) cameras.list.refresh();
  });
  const restart = async (actor: string) => {
    setAsked(null);
    setRestarting((now) => new Set([...now, actor]));
    const problem = await session.restart(actor);
    setRestarting((now) => new Set([...now].filter((one) => one !== actor)));
    incidents.refresh();
    if (problem === null) toast('good', `${actor} runs again.`);
    else toast('problem', `${actor} was not restarted: ${problem}`);
  };

  const confirmView = async (camera: string) => {
    try {
      await api.admin.confirmView.mutate({ camera, as: 'same' });
      toast('good', `The present view of ${camera} is taken as the right one; verdicts resume.`);
    } catch (error) {
      toast('problem', `The view of ${camera} was not confirmed: ${describeFailure(error).message}`);
    }
  };

  return (
    <div class="admin">
      <div class="page-head">
        <h1 class="page-title" tabindex="-1" ref={heading}>
          System
        </h1>
        <Show when={system.status()}>
          {(status) => (
            <>
              <span
                class={`pill ${status().ready ? 'is-live' : 'is-offline'}`}
                data-testid="ready"
                data-ready={status().ready}
              >
                <span class="pill-dot" />
                {status().ready ? 'Ready' : 'Not ready'}
              </span>
              <span class="quiet admin-version">
                version {status().version} · up {formatSpan(status().uptimeS)}
              </span>
            </>
          )}
        </Show>
        <Switch>
          <Match when={session.isAdmin()}>
            <button
              type="button"
              class="button is-small admin-logout"
              data-testid="logout"
              onClick={() => void session.logout().then(() => heading.focus())}
            >
              <Icon name="lock" /> Log out
            </button>
          </Match>
          <Match when={session.isAdmin() === false}>
            <button type="button" class="button is-small admin-logout" onClick={() => tokenField.focus()}>
              <Icon name="lock" /> Log in
            </button>
          </Match>
        </Switch>
      </div>
      <Show when={system.problem()}>
        {(problem) => (
          <p class="banner" role="alert" data-testid="problem">
            <Icon name="alert" /> {problem().message}
            <Show when={system.status()}> The figures below are old.</Show>
          </p>
        )}
      </Show>
      <ViewNotices
        cameras={system.status()?.cameras ?? []}
        isAdmin={session.isAdmin() ?? false}
        onConfirm={(camera) => void confirmView(camera)}
      />
      <section class="card admin-flow" aria-label="Pipeline">
        <Show when={stages().length > 0} fallback={<div class="skeleton is-flow" role="status" aria-label="Loading" />}>
          <FlowPicture stages={stages()} />
        </Show>
      </section>
      <section class="card admin-actors" aria-labelledby="actors-title">
        <div class="card-head">
          <h2 id="actors-title" class="card-title">
            Actors
          </h2>
        </div>
        <ActorTable
          actors={system.status()?.actors}
          rates={system.rates()}
          isAdmin={session.isAdmin() ?? false}
          restarting={restarting()}
          onRestart={setAsked}
        />
      </section>
      <div class="admin-columns">
        <section class="card" aria-labelledby="checks-title">
          <div class="card-head">
            <h2 id="checks-title" class="card-title">
              Readiness
            </h2>
          </div>
          <Show when={system.status()} fallback={<div class="skeleton is-table" />}>
            {(status) => <Checks checks={status().checks} nowMs={nowMs()} />}
          </Show>
        </section>
        <section class="card" aria-labelledby="incidents-title">
          <div class="card-head">
            <h2 id="incidents-title" class="card-title">
              Incidents
            </h2>
          </div>
          <Show when={incidents.value()} fallback={<div class="skeleton is-table" />}>
            {(known) => <Incidents incidents={known()} nowMs={nowMs()} />}
          </Show>
        </section>
      </div>
      <Show when={session.isAdmin() === false}>
        <section class="card admin-login" aria-labelledby="login-title">
          <div>
            <h2 id="login-title" class="card-title">
              Change things
            </h2>
            <p class="quiet">Looking is free. Restarting a room needs the admin token of this installation.</p>
          </div>
          <LoginForm
            ref={(field) => {
              tokenField = field;
            }}
            onLogin={async (token) => {
              const problem = await session.login(token);
              if (problem !== null) return problem;
              toast('good', 'You are logged in.');
              // The form is gone, and the focus with it.
              heading.focus();
              return null;
            }}
          />
        </section>
      </Show>
      <ConfirmDialog
        isOpen={asked() !== null}
        title={`Restart ${asked() ?? ''}?`}
        text={EFFECTS[roomOf(asked() ?? '')] ?? 'It is stopped and started again.'}
        action="Restart"
        onConfirm={() => void restart(asked() ?? '')}
        onCancel={() => setAsked(null)}
      />
    </div>
  );
}
