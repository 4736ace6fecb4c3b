/** What `stopsign fault camera …` makes of the virtual camera, in front of a real analyzer: each is noticed, and over when it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConditionWatch } from '../../src/condition-watch.ts';
import type { ConditionEvent } from '../../src/domain/types.ts';
import { cameraCommand } from '../../src/launcher/camera-command.ts';
import type { Incident } from '../../src/rpc/control.ts';
import type { CameraFaultKind } from '../../src/rpc/fault.ts';
import type { LiveFrame } from '../../src/rpc/live.ts';
import { openAnalyzer } from '../support/analyzer.ts';
import { projectRoot } from '../support/shared.ts';
import { until } from '../support/until.ts';
import { WsClient } from '../support/ws-client.ts';

const TIMEOUT_MS = 30_000;
let analyzer: Awaited<ReturnType<typeof openAnalyzer>>;
let socket: WsClient;
let watch: ConditionWatch;
let camera: AsyncDisposable | undefined;

beforeAll(async () => {
  analyzer = await openAnalyzer({ frozenAfterS: 5 });
  socket = new WsClient(`${analyzer.url.replace('http', 'ws')}/ws/metadata?camera=demo`);
  watch = new ConditionWatch(['demo'], analyzer.supervisor);
  watch.start();
  await analyzer.push.kill();
  await play(null);
}, 60_000);
afterAll(async () => {
  watch?.close();
  await camera?.[Symbol.asyncDispose]();
  await socket?.[Symbol.asyncDispose]();
  await analyzer?.[Symbol.asyncDispose]();
});

/** The camera goes on as another one. */
async function play(fault: CameraFaultKind | null): Promise<void> {
  await camera?.[Symbol.asyncDispose]();
  const clip = join(projectRoot(), 'demo/demo.mp4');
  const [program, ...args] = cameraCommand(clip, `${analyzer.hub.urls.rtsp}/demo`, fault);
  const child = spawn(program, args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  camera = {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

const frames = (): LiveFrame[] => socket.ofType('frame');
/** Newest word of each. */
const incidents = (cause: Incident['cause']): Incident[] =>
  [...new Map(analyzer.incidents.map((one) => [one.id, one])).values()].filter((one) => one.cause === cause);

async function opened(cause: Incident['cause'], known: number): Promise<Incident> {
  return until(() => incidents(cause)[known] ?? null, { what: `an incident: ${cause}`, timeoutMs: TIMEOUT_MS });
}

async function isOver({ id, cause }: Incident): Promise<void> {
  const isResolved = () => incidents(cause).some((one) => one.id === id && one.resolvedUtc !== null);
  await until(isResolved, { what: `the end of the incident: ${cause}`, timeoutMs: TIMEOUT_MS });
}

async function sees(width: number, height: number): Promise<LiveFrame> {
  const from = frames().length;
  const isIt = ({ raw_dimensions: { w, h } }: LiveFrame) => w === width && h === height;
  const seen = () => frames().slice(from).filter(isIt);
  return until(() => seen()[10] ?? null, { what: `pictures of ${width} × ${height}`, timeoutMs: TIMEOUT_MS });
}

describe('the virtual camera that', () => {
  it('freezes is found out, and well again when its picture moves', async () => {
    await sees(1_280, 720);
    const known = incidents('frozen').length;
    await play('freeze');
    const frozen = await opened('frozen', known);
    expect(frozen).toMatchObject({ actor: 'decoder:demo', detail: expect.stringContaining('the same picture') });
    await play(null);
    await isOver(frozen);
    expect(await sees(1_280, 720)).not.toHaveProperty('view');
  }, 90_000);

  it('sends rubbish is found out, costs no thread, and is well again when it sends pictures', async () => {
    const generation = analyzer.board.row('decoder:demo').get('generation');
    const known = incidents('error').length;
    await play('garbage');
    const damaged = await opened('error', known);
    expect(damaged.actor).toBe('decoder:demo');
    await play(null);
    await sees(1_280, 720);
    await isOver(damaged);
    expect(analyzer.board.row('decoder:demo').get('generation')).toBe(generation);
    expect(analyzer.escalations).toEqual([]);
  }, 90_000);

  it('comes back in another shape has its verdicts suspended until it has the calibrated one', async () => {
    const known = incidents('shape').length;
    await play('resize');
    const reshaped = await opened('shape', known);
    expect((await sees(640, 480)).view).toMatchObject({
      state: 'reshaped',
      sentence: expect.stringContaining('pictures of 640 × 480: another shape than the 1280 × 720'),
    });
    await play(null);
    await isOver(reshaped);
    expect(await sees(1_280, 720)).not.toHaveProperty('view');
    const told = socket
      .ofType('event')
      .map(({ event }) => event)
      .filter((event): event is ConditionEvent => event.type === 'picture_reshaped');
    expect(told.map(({ detail }) => detail['phase'])).toEqual(['began', 'ended']);
  }, 90_000);
});
