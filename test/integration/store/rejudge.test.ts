/** Passes of every scenario, stored in a real Postgres and judged again: the same under the same configuration. */
import { describe, expect, it } from 'vitest';
import { rejudgeStored } from '../../../src/cli/rejudge.ts';
import { rejudgingJson } from '../../../src/cli/rejudge-json.ts';
import { describeRejudging } from '../../../src/cli/rejudge-report.ts';
import { rejudgingUnder } from '../../../src/cli/rejudging-under.ts';
import { type Config, configSchema } from '../../../src/config/schema.ts';
import { rejudgePass } from '../../../src/domain/evidence/rejudge-pass.ts';
import { createAnalyzer, finish, type StepOutput, step } from '../../../src/domain/site-analyzer.ts';
import type { PassEvent, Site } from '../../../src/domain/types.ts';
import type { Fact } from '../../../src/rpc/records.ts';
import { observe } from '../../../src/sim/observe.ts';
import { loadScenario, scenarioNames } from '../../../src/sim/scenario-file.ts';
import { siteOf } from '../../../src/sim/site-of.ts';
import { insertBatch } from '../../../src/store/insert-batch.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openStore, type Store } from '../../../src/store/open-store.ts';
import { passById } from '../../../src/store/pass-by-id.ts';
import { storedPasses } from '../../../src/store/stored-passes.ts';
import { startPostgres } from '../../support/postgres.ts';
import { passFact, T0 } from './sample-facts.ts';

const FAULTS = { fps: 15, noisePx: 1, drift: 0.5, miss: 0.03, invented: 0.005, jitterS: 0.002, seed: 7, startUtc: T0 };

/** Every scenario is a camera of its own. */
function judgeLive(names: readonly string[]) {
  const facts: Fact[] = [];
  const cameras: { name: string; site: Site }[] = [];
  for (const camera of names) {
    const scenario = loadScenario(camera);
    const site = siteOf(scenario);
    cameras.push({ name: camera, site });
    const { configVersion } = rejudgingUnder(site);
    let state = createAnalyzer({ camera, site, configVersion, modelSha256: 'abc', firstTrackId: 1 });
    const keep = ({ events, passSamples, passEvidence }: StepOutput) => {
      for (const event of events) {
        const [samples, evidence] = [passSamples[event.id], passEvidence[event.id]];
        if (event.type === 'pass' && samples && evidence) facts.push({ kind: 'event', event, samples, evidence });
      }
    };
    for (const observation of observe(scenario, FAULTS)) {
      const [next, output] = step(state, observation);
      state = next;
      keep(output);
    }
    keep(finish(state));
  }
  const passes = facts.map((fact) => (fact as { event: PassEvent }).event);
  return { facts, passes, config: configOf(cameras) };
}

function configOf(cameras: readonly { name: string; site: Site }[], over: Partial<Site['policy']> = {}): Config {
  const changed = cameras.map(({ name, site }) => ({ name, site: { ...site, policy: { ...site.policy, ...over } } }));
  return configSchema.parse({ cameras: changed });
}

const camerasOf = (config: Config) => (config.cameras ?? []) as { name: string; site: Site }[];

async function openDatabase(facts: readonly Fact[]): Promise<AsyncDisposable & { readonly store: Store }> {
  const database = await startPostgres();
  const store = openStore({ url: database.url, applicationName: 'test' });
  await migrate(store);
  await insertBatch(store, facts);
  return {
    store,
    async [Symbol.asyncDispose]() {
      await store.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

const rows = (store: Store, table: string) =>
  store.ask((sql) => sql.unsafe(`select to_jsonb(t) as row from ${table} t order by 1`)) as Promise<{ row: object }[]>;

describe('passes judged again', () => {
  it('are the same to the last digit under the same configuration, in every scenario', async () => {
    const live = judgeLive(scenarioNames());
    expect(live.passes.length).toBeGreaterThan(40);
    await using database = await openDatabase(live.facts);
    const before = await rows(database.store, 'passes');
    const result = await rejudgeStored(database.store, live.config, { since: T0 - 60, apply: true });
    expect(result).toMatchObject({
      passes: live.passes.length,
      tally: { judged: live.passes.length, changed: 0, flips: [] },
    });
    expect(await rows(database.store, 'passes')).toEqual(before);
    expect(await rows(database.store, 'pass_rejudgements')).toEqual([]);

    const under = new Map(camerasOf(live.config).map(({ name, site }) => [name, rejudgingUnder(site)]));
    const ids = live.passes.map((pass) => pass.id);
    await database.store.ask(async (sql) => {
      for await (const page of storedPasses(sql, ids)) {
        for (const { pass, evidence } of page) {
          const rejudging = under.get(pass.camera);
          if (!rejudging || !evidence) throw new Error('every pass has its site and its evidence');
          const again = rejudgePass(pass, evidence, rejudging);
          const stored = await passById(database.store, pass.id);
          expect(again.pass).toEqual(live.passes.find(({ id }) => id === pass.id));
          expect(again.samples).toEqual(stored?.samples);
        }
      }
    }, 60_000);
  }, 120_000);

  it('flip under a stricter policy, with both reasons, and nothing is written in a dry run', async () => {
    const live = judgeLive(['full-stop', 'queue-of-two', 'run-through']);
    await using database = await openDatabase(live.facts);
    const before = await rows(database.store, 'passes');
    const strict = configOf(camerasOf(live.config), { min_stop_s: 30 });
    const result = await rejudgeStored(database.store, strict, { since: T0 - 60, apply: false });
    const full = live.passes.filter((pass) => pass.verdict === 'full_stop').map(({ id }) => id);
    expect(full.length).toBeGreaterThan(1);
    expect(result.tally.flips.map(({ old }) => old.id).sort()).toEqual(full.sort());
    for (const flip of result.tally.flips) {
      expect(flip.old.verdict).toBe('full_stop');
      expect(flip.new).toMatchObject({ verdict: 'rolling_stop', reason: expect.stringContaining('less than 30.00 s') });
      expect(flip.new.stopped_s).toEqual(flip.old.stopped_s);
    }
    expect(await rows(database.store, 'passes')).toEqual(before);
    expect(await rows(database.store, 'rejudgements')).toEqual([]);
    const text = describeRejudging(result);
    expect(text).toContain(`full stop → rolling stop: ${full.length}`);
    expect(text).toContain('less than 30.00 s');
    expect(text).toContain('Nothing was written.');
    expect(rejudgingJson(result)).toMatchObject({ flipped: result.tally.flips.length, applied: false });
  }, 60_000);

  it('are stored when told to, column by column, with the old judgement beside them', async () => {
    const live = judgeLive(['full-stop', 'run-through']);
    await using database = await openDatabase(live.facts);
    const strict = configOf(camerasOf(live.config), { min_stop_s: 30, confidence: 0.9 });
    const result = await rejudgeStored(database.store, strict, { since: T0 - 60, apply: true });
    expect(result.tally.flips.length).toBeGreaterThan(0);

    const audit = (await rows(database.store, 'pass_rejudgements')).map(({ row }) => row as Record<string, PassEvent>);
    expect(audit).toHaveLength(live.passes.length);
    for (const { old_body, new_body } of audit) {
      expect(old_body).toEqual(live.passes.find(({ id }) => id === old_body?.id));
      expect((await passById(database.store, old_body?.id ?? ''))?.pass).toEqual(new_body);
    }
    // Each camera has its own rejudgement; one whose passes all stayed as they were would have none.
    for (const { name, rejudgement, before, after } of result.cameras) {
      expect(rejudgement).toEqual(expect.any(Number));
      expect(describeRejudging(result)).toContain(`${rejudgement} (${name})`);
      expect(before.passes).toBe(after.passes);
    }
    // Where nothing but the new configuration was in use, nothing is different.
    const again = await rejudgeStored(database.store, strict, { since: T0 - 60, apply: false });
    expect(again.cameras.map(({ differences }) => differences)).toEqual([[], []]);
    const [run] = await rows(database.store, 'rejudgements');
    expect(run?.row).toMatchObject({ by: expect.stringContaining('@'), site: { policy: { min_stop_s: 30 } } });

    // The same as if they had been judged so at first.
    const kept = await rows(database.store, 'passes');
    await using fresh = await openDatabase(
      await Promise.all(
        live.facts.map(async (fact) => {
          const found = await passById(database.store, (fact as { event: PassEvent }).event.id);
          if (!found) throw new Error('the pass is gone');
          return { ...fact, event: found.pass, samples: found.samples } as Fact;
        }),
      ),
    );
    expect(kept).toEqual(await rows(fresh.store, 'passes'));

    const back = await rejudgeStored(database.store, live.config, { since: T0 - 60, apply: true });
    // The site of the audit is the one to compare with: of a camera that was never configured here.
    expect(back.cameras.map(({ differences }) => differences?.map(({ key }) => key))).toEqual(
      result.cameras.map(() => expect.arrayContaining(['policy.min_stop_s', 'policy.confidence'])),
    );
    expect(back.tally.flips).toHaveLength(result.tally.flips.length);
    for (const pass of live.passes) expect((await passById(database.store, pass.id))?.pass).toEqual(pass);
  }, 60_000);

  it('become indeterminate where the new zone is elsewhere, and are not lost', async () => {
    const live = judgeLive(['full-stop']);
    const [camera] = camerasOf(live.config);
    const { site } = camera as { site: Site };
    await using database = await openDatabase(live.facts);
    const zone = { ...site, stop_zone: site.stop_zone.map(([x, y]) => [x / 8, y / 8 + 600] as const) };
    let moved: Config;
    try {
      moved = configSchema.parse({ site: zone });
      rejudgingUnder(moved.site as Site);
    } catch {
      moved = configSchema.parse({ site: { ...zone, stop_zone: site.stop_zone, calibration: undefined } });
    }
    const result = await rejudgeStored(database.store, moved, { since: T0 - 60, apply: true });
    expect(result.tally.judged).toBe(1);
    const stored = await passById(database.store, live.passes[0]?.id ?? '');
    expect(stored?.pass).toMatchObject({ id: live.passes[0]?.id, min_speed: null });
  }, 60_000);

  it('are left alone where the verdict was withheld because the camera had moved', async () => {
    const live = judgeLive(['full-stop']);
    const withheld = live.facts.map((fact) => {
      const { event, evidence, ...rest } = fact as { event: PassEvent; evidence: object };
      const told = { ...event, verdict: 'indeterminate', reason: 'The camera has moved.', suspended: 'moved' };
      return { ...rest, event: told, evidence: { ...evidence, isSuspended: true } } as unknown as Fact;
    });
    await using database = await openDatabase(withheld);
    const before = await rows(database.store, 'passes');
    const result = await rejudgeStored(database.store, live.config, { since: T0 - 60, apply: true });
    expect(result.tally).toMatchObject({ judged: 0, suspended: 1, flips: [] });
    expect(describeRejudging(result)).toContain("1 withheld because the camera's view could not be trusted");
    expect(await rows(database.store, 'passes')).toEqual(before);
  }, 60_000);

  it('are left alone without evidence or outside the time and cameras asked for', async () => {
    const live = judgeLive(['full-stop']);
    await using database = await openDatabase([...live.facts, passFact(1)]);
    const all = { since: T0 - 60, apply: true };
    expect(await rejudgeStored(database.store, live.config, all)).toMatchObject({
      passes: 2,
      tally: { judged: 1, withoutSite: 1 },
    });
    const both = configOf([...camerasOf(live.config), { name: 'demo', site: siteOf(loadScenario('full-stop')) }]);
    expect(await rejudgeStored(database.store, both, all)).toMatchObject({ tally: { judged: 1, withoutEvidence: 1 } });
    expect(await rejudgeStored(database.store, both, { ...all, camera: 'demo' })).toMatchObject({
      passes: 1,
      tally: { judged: 0 },
    });
    await expect(rejudgeStored(database.store, both, { ...all, camera: 'dmeo' })).rejects.toMatchObject({
      code: 'BAD_USAGE',
      message: 'The database knows no camera named dmeo.',
    });
    expect(await rejudgeStored(database.store, both, { ...all, until: T0 - 30 })).toMatchObject({ passes: 0 });
    const lone = configSchema.parse({ site: siteOf(loadScenario('full-stop')) });
    await expect(rejudgeStored(database.store, lone, all)).rejects.toMatchObject({ code: 'BAD_USAGE' });
  }, 60_000);
});
