/** The configuration file. Everything but `site` has a default; environment variables are in `environment.ts`. */
import { z } from 'zod';
import { accessSchema } from '../media/hub/access-settings.ts';
import { siteSchema } from './site.ts';

export const cameraSchema = z.strictObject({
  /** Also the path in the hub and in URLs. */
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'must be lower-case letters, digits, - and _, at most 40'),
  /** The camera itself; the built-in hub pulls it. Absent: somebody publishes to the hub under this name. */
  source: z
    .string()
    .regex(/^rtsps?:\/\//, 'must begin with rtsp://')
    .optional(),
  /** How the built-in hub fetches the source; absent: tcp. When nothing comes over UDP, TCP is used. */
  rtsp_transport: z.enum(['tcp', 'udp']).optional(),
  /**
   * A picture that does not change for `after_s` is frozen: the stream is opened anew; after as long again `command` is run
   * by the shell, with STOPSIGN_CAMERA and STOPSIGN_FROZEN_SINCE in its environment.
   */
  frozen: z.strictObject({ after_s: z.number().min(5).default(60), command: z.string().min(1).optional() }).optional(),
  /** The model rests while this camera's road is empty; absent: as `inference.motion_gate` says. */
  motion_gate: z.boolean().optional(),
  /** Absent: the top-level site. */
  site: siteSchema.optional(),
  /**
   * `*.truth.ndjson` of a looping clip that this camera plays by the wall clock (at UTC modulo its length); a relative path
   * counts from the configuration file.
   */
  truth: z.string().min(1).optional(),
});

export const configSchema = z.strictObject({
  site: siteSchema.optional(),
  cameras: z.array(cameraSchema).optional(),
  model: z
    .strictObject({
      /** A name of models/manifest.json, or a path to an .onnx file. Absent: the first of the manifest that can be had. */
      use: z.string().optional(),
      min_score: z.number().min(0.01).max(0.99).default(0.25),
      nms_iou: z.number().min(0.1).max(0.95).default(0.5),
      threads: z.int().min(1).max(64).optional(),
    })
    .prefault({}),
  inference: z
    .strictObject({
      /** While nothing moves between approach and line, only two frames a second are looked at. */
      motion_gate: z.boolean().default(false),
    })
    .prefault({}),
  hub: z
    .strictObject({
      /** Where MediaMTX is; absent: the built-in hub is started. Same as MEDIA_HUB. */
      host: z.string().optional(),
      /** With which StopSign reads from the hub when that asks for a login. Same as MEDIA_HUB_USER and MEDIA_HUB_PASSWORD. */
      user: z.string().min(1).max(100).optional(),
      password: z.string().min(1).max(200).optional(),
      bind: z.string().default('127.0.0.1'),
      rtsp_port: z.int().default(8554),
      webrtc_port: z.int().default(8889),
      hls_port: z.int().default(8888),
      api_port: z.int().default(9997),
      /** One UDP port for all viewers over WebRTC. Absent: a port for each. */
      webrtc_udp_port: z.int().min(1).max(65535).optional(),
      /** From and to; absent: any. Each viewer over WebRTC takes one. */
      webrtc_udp_ports: z
        .tuple([z.int().min(1).max(65535), z.int().min(1).max(65535)])
        .refine(([from, to]) => from <= to, 'must be from and to, the lower port first')
        .optional(),
      /** IPv4 addresses under which browsers reach this machine, beside those of its interfaces (NAT, containers). */
      additional_hosts: z.array(z.ipv4('must be an IPv4 address')).max(16).optional(),
      /** Browsers over WebRTC at a time at the built-in hub; more are asked to come again later. */
      max_viewers: z.int().min(1).max(1_000).default(100),
      /** Who may publish, read, and see the control API and metrics of the built-in hub. */
      access: accessSchema.optional(),
      /** Origins of other web pages that may play from the built-in hub's ports; `*`: every page. */
      allow_origins: z.array(z.string().min(1).max(200)).max(32).default([]),
    })
    .refine(
      (hub) => !(hub.webrtc_udp_port && hub.webrtc_udp_ports),
      'takes either webrtc_udp_port or webrtc_udp_ports, not both',
    )
    .prefault({}),
  gateway: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65535).default(8080),
      /** Origins of other web pages that may listen to the live metadata; `*`: every page. */
      allow_origins: z.array(z.string().min(1).max(200)).max(32).default([]),
    })
    .prefault({}),
  database: z
    .strictObject({
      /** Absent: the embedded Postgres. Same as DATABASE_URL. */
      url: z.string().optional(),
      /** Days that per-frame detections are kept; passes and events are kept for ever. */
      keep_detections_days: z.number().positive().default(7),
    })
    .prefault({}),
  memory: z
    .strictObject({
      /** MiB that the analyzer may hold before its largest room is restarted. Absent: half of the machine's. */
      limit_mb: z.int().min(256).optional(),
    })
    .prefault({}),
  data_dir: z.string().default('.stopsign'),
  access: z.strictObject({ viewers: z.enum(['public', 'token']).default('public') }).prefault({}),
});

export type Config = z.infer<typeof configSchema>;
export type CameraConfig = z.infer<typeof cameraSchema>;
