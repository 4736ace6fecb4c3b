/** A real hub on free ports, and real publishers: ffmpeg pushing a clip into it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Hub } from '../../src/media/hub/hub.ts';
import type { HubSettings } from '../../src/media/hub/settings.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { until } from './until.ts';

export interface HubLogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface TestHub extends AsyncDisposable {
  readonly hub: Hub;
  readonly urls: Hub['urls'];
  readonly log: readonly HubLogLine[];
}

/** Opens a hub on ephemeral loopback ports. */
export async function openHub(settings: Partial<HubSettings> = {}): Promise<TestHub> {
  const log: HubLogLine[] = [];
  const hub = await Hub.open(
    { bind: '127.0.0.1', rtspPort: 0, webrtcPort: 0, hlsPort: 0, apiPort: 0, ...settings },
    { clock: systemClock, log: (level, message, fields = {}) => log.push({ level, message, fields }) },
  );
  return { hub, urls: hub.urls, log, [Symbol.asyncDispose]: () => hub.close() };
}

/** A path as the hub's control API shows it; null while the hub does not know it. */
export async function pathInfo(urls: Hub['urls'], path: string): Promise<Record<string, unknown> | null> {
  const response = await fetch(`${urls.api}/v3/paths/get/${path}`);
  return response.ok ? ((await response.json()) as Record<string, unknown>) : null;
}

/** Waits until somebody publishes to the path. */
export async function untilReady(urls: Hub['urls'], path: string, timeoutMs = 15_000): Promise<void> {
  await until(async () => (await pathInfo(urls, path))?.['ready'] === true, {
    timeoutMs,
    everyMs: 50,
    what: `a stream on ${path}`,
  });
}

export interface Push extends AsyncDisposable {
  readonly pid: number;
  /** Ends the publisher at once, as a power cut would. */
  kill(): Promise<void>;
}

/**
 * Loops a file into an RTSP URL in real time without re-encoding it. The file must have no B-frames and repeated headers.
 * @param filter a bitstream filter of ffmpeg that spoils it
 */
export function pushClip(file: string, url: string, filter?: string): Push {
  const child = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-re', '-stream_loop', '-1', '-i', file],
      ...[
        '-an',
        '-c',
        'copy',
        ...(filter ? ['-bsf:v', filter] : []),
        '-f',
        'rtsp',
        '-rtsp_transport',
        'tcp',
        '-pkt_size',
        '1200',
        url,
      ],
    ],
    { stdio: ['ignore', 'ignore', 'ignore'] },
  );
  const exited = once(child, 'exit').catch(() => {});
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  return { pid: child.pid ?? -1, kill, [Symbol.asyncDispose]: kill };
}
