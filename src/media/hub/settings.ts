/** What the launcher tells the hub, as JSON in STOPSIGN_HUB. Port 0 takes any free port. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { accessSchema } from './access-settings.ts';
import type { Doorkeeper } from './doorkeeper.ts';
import type { HubLog } from './hub-log.ts';
import type { PathTable } from './path-table.ts';

const port = z.int().min(0).max(65_535);

export const hubSettingsSchema = z.strictObject({
  /** Address to listen on; 127.0.0.1 unless the operator opens it. */
  bind: z.string().min(1).default('127.0.0.1'),
  rtspPort: port.default(8554),
  webrtcPort: port.default(8889),
  hlsPort: port.default(8888),
  apiPort: port.default(9997),
  /** Cameras that the hub pulls; all other names are open to publishers. */
  sources: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(100),
        url: z.string().min(1),
        transport: z.enum(['tcp', 'udp']).default('tcp'),
      }),
    )
    .default([]),
  /** IP addresses under which browsers reach this host beside those of its interfaces (NAT, containers). */
  additionalHosts: z
    .array(z.string().refine((text) => isIP(text) === 4, 'must be an IPv4 address'))
    .max(16)
    .default([]),
  /** One UDP port for the video of all viewers over WebRTC; 0: any one. Absent: each viewer takes a port of his own. */
  webrtcUdpPort: port.optional(),
  /** UDP ports for WebRTC, from and to; each viewer takes one. Default: any. */
  webrtcUdpPorts: z
    .tuple([port.min(1), port.min(1)])
    .refine(([from, to]) => from <= to, 'from must not be above to')
    .optional(),
  /** Browsers over WebRTC at a time; more are asked to come again later. */
  maxViewers: z.int().positive().default(100),
  /** A reader whose unsent bytes exceed this is not sent his oldest pictures, up to the next key picture. */
  maxBacklogBytes: z
    .int()
    .positive()
    .default(8 * 1024 * 1024),
  /** A reader whose connection takes nothing at all for this long is cut off. */
  readerTimeoutMs: z.int().positive().default(30_000),
  /** Somebody who connects and neither plays nor publishes within this is sent away. */
  idleTimeoutMs: z.int().positive().default(30_000),
  /** A publisher that sends nothing for this long is cut off. */
  publisherTimeoutMs: z.int().positive().default(10_000),
  ffmpeg: z.string().min(1).default('ffmpeg'),
  /** HLS packaging ends when nobody has asked for this long. */
  hlsIdleMs: z.int().positive().default(30_000),
  /** Segments of one stream that are kept for HLS, together; the oldest go first, and one that alone is larger is left out. */
  hlsMaxBytes: z
    .int()
    .positive()
    .default(64 * 1024 * 1024),
  access: accessSchema.prefault({}),
  /** Whoever sits on this machine is let through: the analyzer, the gateway, the virtual camera. */
  trustThisMachine: z.boolean().default(true),
  /** Between a wrong password and its refusal. */
  refusalDelayMs: z.int().min(0).default(2_000),
  /** Origins whose pages may use the ports from a browser, such as https://example.org; `*`: every page. */
  allowOrigins: z.array(z.string().min(1).max(200)).max(32).default(['*']),
});

/** As written; everything has a default. */
export type HubSettings = z.input<typeof hubSettingsSchema>;
export type ResolvedHubSettings = z.output<typeof hubSettingsSchema>;

/** What all servers of the hub share. */
export interface HouseParts {
  readonly settings: ResolvedHubSettings;
  readonly paths: PathTable;
  readonly doorkeeper: Doorkeeper;
  readonly log: HubLog;
}

/** What the hub gets from outside beside its settings. */
export interface HubPorts {
  readonly clock: { nowUs(): number; steadyUs?(): number };
  readonly log: HubLog;
}
