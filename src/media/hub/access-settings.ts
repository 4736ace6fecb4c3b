/** Who may do what at the hub, as the operator writes it; MediaMTX's users, with its words. Read by `Doorkeeper`. */
import { isIP } from 'node:net';
import { z } from 'zod';

export const ACTIONS = ['publish', 'read', 'api', 'metrics'] as const;
export type Action = (typeof ACTIONS)[number];

const permissionSchema = z.strictObject({
  action: z.enum(ACTIONS),
  /** Absent or empty: every path. With a tilde in front: a regular expression. */
  path: z.string().max(200).refine(isPathRule, 'is no regular expression').optional(),
});

const userSchema = z.strictObject({
  /** `any`: everybody, without a password. */
  user: z.string().min(1).max(100),
  /** Plain, or `sha256:` and the base64 of the hash. */
  pass: z.string().max(200).optional(),
  /** Addresses or networks (CIDR) from which this user may come; absent or empty: any. */
  ips: z.array(z.string().refine(isNetwork, 'is no IP address or network such as 10.0.0.0/8')).default([]),
  permissions: z.array(permissionSchema).min(1),
});

export const accessSchema = z
  .strictObject({
    /** Who may do what; absent: everybody reads and publishes, this machine alone sees the control API and metrics. */
    users: z
      .array(userSchema.refine((user) => user.user === 'any' || Boolean(user.pass), 'needs a password (pass)'))
      .optional(),
    /** An HTTP address that is asked each time, instead of `users`. */
    http: z
      .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
      .refine((text) => !URL.canParse(text) || new URL(text).username === '', 'must not hold a login')
      .optional(),
  })
  .refine((access) => !(access.users && access.http), 'takes either users or http, not both');

export type AccessSettings = z.output<typeof accessSchema>;
export type UserSettings = NonNullable<AccessSettings['users']>[number];

function isPathRule(path: string): boolean {
  if (!path.startsWith('~')) return true;
  try {
    return new RegExp(path.slice(1)) instanceof RegExp;
  } catch {
    return false;
  }
}

/** `192.0.2.1`, `10.0.0.0/8`, `fd00::/8`. */
export function parseNetwork(text: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | null {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return null;
  const most = version === 4 ? 32 : 128;
  const bits = prefix === undefined ? most : Number(prefix);
  return bits <= most ? { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' } : null;
}

function isNetwork(text: string): boolean {
  return parseNetwork(text) !== null;
}
