/** `passes.score` and `passes.rank` over the real server, with a database that is made up. */
import { describe, expect, it } from 'vitest';
import type { PassStore } from '../../../src/actors/gateway/ports.ts';
import type { ScoredPass } from '../../../src/domain/score/site-score.ts';
import { openGateway } from './gateway-fixture.ts';

const pass = (id: string, over: Partial<ScoredPass> = {}): ScoredPass & { readonly id: string } => ({
  id,
  verdict: 'full_stop',
  forced: false,
  stoppedS: 1,
  minSpeedKmh: 0,
  ...over,
});
const PASSES = [
  pass('a', { stoppedS: 2 }),
  pass('b'),
  pass('c', { verdict: 'no_stop', stoppedS: null, minSpeedKmh: 20 }),
];

function withPasses() {
  const asked: Parameters<PassStore['sitePasses']>[0][] = [];
  const store: Partial<PassStore> = {
    sitePasses: async (question) => {
      asked.push(question);
      return { passes: PASSES, isCut: false };
    },
    scoredPassById: async (id) => {
      const found = PASSES.find((one) => one.id === id);
      return found ? { ...found, camera: 'front' } : null;
    },
  };
  return { store, asked };
}

describe('scores over the API', () => {
  it('give share, interval and n of the last days', async () => {
    const { store, asked } = withPasses();
    await using gateway = await openGateway({ store });
    const score = await gateway.client().trpc.passes.score.query({ camera: 'front', days: 2 });
    expect(score).toMatchObject({ passes: 3, judged: { n: 3, score: 67 }, isCut: false });
    expect(asked[0]).toMatchObject({ camera: 'front', sinceUtc: score.sinceUtc });
    expect(Math.abs(Date.now() / 1000 - 2 * 86_400 - score.sinceUtc)).toBeLessThan(60);
  });

  it('rank a pass among the others of its camera, itself left out', async () => {
    await using gateway = await openGateway({ store: withPasses().store });
    const { trpc } = gateway.client();
    expect((await trpc.passes.rank.query({ id: 'a' }))?.rank).toEqual({ percentile: 100, n: 2 });
    expect((await trpc.passes.rank.query({ id: 'c' }))?.rank).toEqual({ percentile: 0, n: 2 });
    expect(await trpc.passes.rank.query({ id: 'nobody' })).toBeNull();
  });

  it('refuse unknown cameras and senseless days, and say when the database is away', async () => {
    await using gateway = await openGateway();
    const { trpc } = gateway.client();
    await expect(trpc.passes.score.query({ camera: 'nobody' })).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } });
    await expect(trpc.passes.score.query({ camera: 'front', days: 0 })).rejects.toMatchObject({
      data: { code: 'BAD_REQUEST' },
    });
    await expect(trpc.passes.score.query({ camera: 'front' })).rejects.toMatchObject({
      data: { code: 'SERVICE_UNAVAILABLE' },
    });
  });
});
