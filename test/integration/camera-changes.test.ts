/** A camera that comes back as another, or sends rubbish, beside a good one in the same analyzer. Everything real. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveFrame } from '../../src/rpc/live.ts';
import { openAnalyzer } from '../support/analyzer.ts';
import { type Clip, type ClipOptions, makeClip } from '../support/clip.ts';
import { type Push, pushClip } from '../support/hub.ts';
import { until } from '../support/until.ts';
import { WsClient } from '../support/ws-client.ts';

let analyzer: Awaited<ReturnType<typeof openAnalyzer>>;
let socket: WsClient;
let push: Push | undefined;
const clips: Clip[] = [];

beforeAll(async () => {
  analyzer = await openAnalyzer({ others: ['side'] });
  socket = new WsClient(`${analyzer.url.replace('http', 'ws')}/ws/metadata?camera=side`);
  push = analyzer.otherPushes.get('side');
  await sees(1_280, 720);
});
afterAll(async () => {
  await push?.kill();
  await socket?.[Symbol.asyncDispose]();
  await analyzer?.[Symbol.asyncDispose]();
  for (const clip of clips) await clip[Symbol.asyncDispose]();
});

const frames = (): LiveFrame[] => socket.ofType('frame');
const row = (actor: string) => analyzer.board.row(actor);

/** What must not change at the good camera, whatever the other one does. */
const atTheGoodOne = () => ({
  generations: ['decoder:demo', 'tracker:demo', 'inference', 'persister', 'gateway'].map((name) =>
    row(name).get('generation'),
  ),
  epoch: row('decoder:demo').get('gauge1'),
  incidents: analyzer.incidents.filter(({ actor }) => actor.endsWith(':demo')).map(({ cause }) => cause),
  escalations: analyzer.escalations.length,
});

async function sends(options: ClipOptions, filter?: string): Promise<void> {
  await push?.kill();
  const clip = await makeClip({ fps: 15, frames: 45, ...options });
  clips.push(clip);
  push = pushClip(clip.path, `${analyzer.hub.urls.rtsp}/side`, filter);
}

async function sees(width: number, height: number): Promise<void> {
  const from = frames().length;
  const isIt = ({ raw_dimensions: { w, h } }: LiveFrame) => w === width && h === height;
  await until(() => frames().slice(from).filter(isIt).length > 10, {
    what: `analysed frames of ${width}×${height}`,
    timeoutMs: 30_000,
  });
}

async function goodOneGoesOn(): Promise<void> {
  const before = row('tracker:demo').get('in');
  await until(() => row('tracker:demo').get('in') > before + 10, {
    what: 'frames of the good camera',
    timeoutMs: 15_000,
  });
}

/**
 * How the model's turns are shared while the good camera takes twenty of them. Not a rate: how many turns there are in a second
 * is the machine's affair, but who gets them is not.
 */
async function turns(): Promise<{ goodShare: number }> {
  const taken = (camera: string) => row(`tracker:${camera}`).get('in');
  const [good, other] = [taken('demo'), taken('side')];
  await until(() => taken('demo') >= good + 20, { what: 'twenty turns of the good camera', timeoutMs: 40_000 });
  const [goods, others] = [taken('demo') - good, taken('side') - other];
  return { goodShare: goods / (goods + others) };
}

/** What the good camera lost on its way to the model, by cause, but for what a busy machine leaves out. */
const lossesOfTheGoodOne = () => ({
  errors: row('decoder:demo').get('errors'),
  damaged: row('decoder:demo').get('damaged'),
  lostPackets: row('decoder:demo').get('lostPackets'),
  skippedUnits: row('decoder:demo').get('skippedUnits'),
});

describe('a camera that is begun again', () => {
  it.each<[string, Required<Pick<ClipOptions, 'width' | 'height'>> & ClipOptions]>([
    ['in a smaller picture and a simpler profile', { width: 640, height: 360, profile: 'baseline' }],
    ['in a larger picture and another profile', { width: 1_920, height: 1_080, profile: 'high' }],
    ['in another codec', { width: 640, height: 360, codec: 'h265' }],
    ['as it was', { width: 1_280, height: 720 }],
  ])(
    '%s is analysed again by the same thread, and the other camera does not notice',
    async (_how, options) => {
      const good = atTheGoodOne();
      const { generation, epoch } = {
        generation: row('decoder:side').get('generation'),
        epoch: frames().at(-1)?.epoch,
      };
      await sends(options);
      await sees(options.width, options.height);
      expect(frames().at(-1)?.epoch).toBeGreaterThan(epoch ?? 0);
      expect(row('decoder:side').get('generation')).toBe(generation);
      await goodOneGoesOn();
      expect(atTheGoodOne()).toEqual(good);
    },
    90_000,
  );
});

describe('a camera that sends rubbish', () => {
  it('is told of, disturbs nobody, and is analysed again once it sends pictures', async () => {
    const good = atTheGoodOne();
    const losses = lossesOfTheGoodOne();
    const { goodShare } = await turns();
    const errors = row('decoder:side').get('errors');
    await sends({ width: 640, height: 360 }, 'noise=amount=20');
    await until(() => row('decoder:side').get('errors') > errors, { what: 'a complaint', timeoutMs: 30_000 });
    expect((await turns()).goodShare).toBeGreaterThanOrEqual(0.95 * goodShare);
    expect(lossesOfTheGoodOne()).toEqual(losses);
    expect(atTheGoodOne()).toEqual(good);
    await sends({ width: 640, height: 360 });
    await sees(640, 360);
    expect(atTheGoodOne()).toEqual(good);
  }, 150_000);
});
