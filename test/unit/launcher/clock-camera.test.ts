/** When and where the virtual camera begins, so that it plays by the wall clock. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEMO_CLIP } from '../../../src/config/project-files.ts';
import { cameraCommand } from '../../../src/launcher/camera-command.ts';
import { clockList, nextStart, START_LEAD_MS, waitForStart } from '../../../src/launcher/clock-camera.ts';
import { findDemoTruth } from '../../../src/launcher/demo-truth.ts';

describe('the virtual camera by the wall clock', () => {
  it('begins on the next whole second that ffmpeg can still make', () => {
    expect(nextStart(1_000_300, 40)).toEqual({ startUtcS: 1_001, waitMs: 660 });
    expect(nextStart(1_000_960, 40)).toEqual({ startUtcS: 1_001, waitMs: 0 });
    expect(nextStart(1_000_961, 40)).toEqual({ startUtcS: 1_002, waitMs: 999 });
  });

  it('gives up waiting when the house stops', async () => {
    const stop = new AbortController();
    const waiting = waitForStart(stop.signal, 1_000_000);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(await waitForStart(new AbortController().signal, 1_000_000 - START_LEAD_MS)).toBe(1_000);
  });

  it('turns the clip so that it begins with the picture of that second', () => {
    expect(clockList('/a/clip.mp4', 60, 6_013)).toBe(
      "ffconcat version 1.0\nfile '/a/clip.mp4'\ninpoint 13\nfile '/a/clip.mp4'\noutpoint 13\n",
    );
    // An empty second part would end the loop.
    expect(clockList('/a/clip.mp4', 60, 6_000)).toBe("ffconcat version 1.0\nfile '/a/clip.mp4'\n");
    expect(clockList("/it's/clip.mp4", 60, 0)).toContain("file '/it'\\''s/clip.mp4'");
  });

  it('loops the list and tells the hub when the first picture was captured', () => {
    const command = cameraCommand(
      { list: '/data/camera.ffconcat', startUtcS: 1_795_388_514 },
      'rtsp://h/demo',
      null,
      '/nowhere',
    );
    const line = command.join(' ');
    expect(line).toContain('-re -stream_loop -1 -f concat -safe 0 -i /data/camera.ffconcat -c copy');
    expect(line).toContain('-start_time_realtime 1795388514000000 -f rtsp');
    expect(cameraCommand('/clip.mp4', 'rtsp://h/demo', null, '/nowhere').join(' ')).not.toContain(
      'start_time_realtime',
    );
  });

  it.each([
    ['freeze', '-vf loop=loop=-1:size=1,realtime -c:v libx264'],
    ['garbage', '-c copy -bsf:v noise=amount=20'],
    ['resize', '-vf scale=640:480,setsar=1 -c:v libx264'],
  ] as const)('tells the same times when it has a fault: %s', (fault, how) => {
    const play = { list: '/data/camera.ffconcat', startUtcS: 1_795_388_514 };
    const line = cameraCommand(play, 'rtsp://h/demo', fault, '/nowhere').join(' ');
    expect(line).toContain(`-i /data/camera.ffconcat ${how}`);
    expect(line).toContain('-start_time_realtime 1795388514000000 -f rtsp');
  });
});

describe('the truth of the clip', () => {
  it('lies beside the demo, which is whole seconds long', () => {
    const said: string[] = [];
    const truth = findDemoTruth(DEMO_CLIP, { warn: (line: string) => said.push(line) } as never);
    expect(truth).toEqual({ path: DEMO_CLIP.replace('.mp4', '.truth.ndjson'), durationS: 60 });
    expect(said).toEqual([]);
  });

  it('is done without where there is none, and where it does not fit, which is said', () => {
    const dir = mkdtempSync(join(tmpdir(), 'stopsign-demo-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const said: string[] = [];
    const find = () => findDemoTruth(join(dir, 'my.clip.mp4'), { warn: (line: string) => said.push(line) } as never);
    expect([find(), said]).toEqual([null, []]);
    writeFileSync(join(dir, 'my.clip.truth.ndjson'), '{"type":"header","v":1,"loop":false}');
    expect(find()).toBeNull();
    expect(said).toEqual([
      expect.stringMatching(/without its truth: .*my\.clip\.truth\.ndjson does not begin.*Make one/),
    ]);
  });
});
