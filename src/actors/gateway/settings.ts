/** What the plan hands to the gateway's thread. Validated once, when the room opens. */
import { z } from 'zod';
import { hubUrlsSchema } from '../../config/runtime.ts';
import { siteSchema } from '../../config/site.ts';

export const gatewaySettingsSchema = z.strictObject({
  host: z.string().min(1),
  /** 0: any free one; the port in use stands in `gauge0` of the gateway's row. */
  port: z.int().min(0).max(65535),
  /** Other origins whose pages may listen to the live metadata; `*`: every page. */
  allowOrigins: z.array(z.string()).default([]),
  /** Absolute path of the built web app. */
  webDir: z.string(),
  hub: hubUrlsSchema,
  cameras: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        site: siteSchema,
        demo: z.boolean(),
        /** Absolute path of the truth file; null: none. */
        truth: z.string().nullable(),
      }),
    )
    .min(1),
  databaseUrl: z.string(),
  adminToken: z.string().min(8),
  viewers: z.enum(['public', 'token']),
  version: z.string(),
  model: z.strictObject({ name: z.string(), sha256: z.string() }),
});

export type GatewaySettings = z.infer<typeof gatewaySettingsSchema>;
export type GatewayCamera = GatewaySettings['cameras'][number];
