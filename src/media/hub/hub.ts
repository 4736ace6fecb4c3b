/**
 * The built-in media hub: what MediaMTX is in production, for the start without it and for tests. RTSP in and out, pulled
 * cameras, WHEP, HLS, and the `/v3` API, with MediaMTX's URLs. RTP timestamps pass through unchanged. Runs in a process of its
 * own (`main.ts`) or inside a test.
 */
import { StopsignError } from '../../errors.ts';
import { openControlApi } from './control-api.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { HlsServer } from './hls-server.ts';
import { hostForUrl } from './listen.ts';
import { PathTable } from './path-table.ts';
import { PullSource } from './pull-source.ts';
import { RtspServer } from './rtsp-server.ts';
import {
  type HouseParts,
  type HubPorts,
  type HubSettings,
  hubSettingsSchema,
  type ResolvedHubSettings,
} from './settings.ts';
import { WhepServer } from './whep-server.ts';

export interface HubAddresses {
  /** Without trailing slash: rtsp://127.0.0.1:8554, http://… */
  readonly rtsp: string;
  readonly webrtc: string;
  readonly hls: string;
  readonly api: string;
}

interface Closable {
  close(): Promise<void>;
}

export class Hub {
  readonly urls: HubAddresses;
  readonly #parts: readonly Closable[];
  #closed: Promise<void> | null = null;

  /**
   * Opens all ports or none.
   * @throws StopsignError BAD_CONFIG, PORT_TAKEN
   */
  static async open(settings: HubSettings, ports: HubPorts): Promise<Hub> {
    const resolved = resolve(settings);
    const paths = new PathTable(ports.clock);
    const { access, trustThisMachine, refusalDelayMs } = resolved;
    const doorkeeper = new Doorkeeper({ access, trustThisMachine, refusalDelayMs, log: ports.log });
    const sources = resolved.sources.map(({ name, url, transport }) => {
      paths.configure(name);
      return new PullSource({ name, url, transport, paths, log: ports.log });
    });
    const parts: Closable[] = [];
    const keep = <T extends Closable>(part: T): T => {
      parts.push(part);
      return part;
    };
    try {
      keep(doorkeeper);
      const house: HouseParts = { settings: resolved, paths, doorkeeper, log: ports.log };
      const host = hostForUrl(resolved.bind);
      const rtsp = `rtsp://${host}:${keep(await RtspServer.open(house)).port}`;
      const whep = keep(await WhepServer.open(house));
      const hls = keep(await HlsServer.open({ ...house, rtspUrl: rtsp }));
      const api = keep(await openControlApi(house, whep, new Date(ports.clock.nowUs() / 1000)));
      for (const source of sources) keep(source).start();
      return new Hub(
        {
          rtsp,
          webrtc: `http://${host}:${whep.port}`,
          hls: `http://${host}:${hls.port}`,
          api: `http://${host}:${api.port}`,
        },
        parts,
      );
    } catch (cause) {
      await closeAll(parts);
      throw cause;
    }
  }

  private constructor(urls: HubAddresses, parts: readonly Closable[]) {
    this.urls = urls;
    this.#parts = parts;
  }

  /** Ends every connection. Idempotent. */
  async close(): Promise<void> {
    this.#closed ??= closeAll(this.#parts);
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function closeAll(parts: readonly Closable[]): Promise<void> {
  await Promise.all(parts.map((part) => part.close()));
}

function resolve(settings: HubSettings): ResolvedHubSettings {
  const parsed = hubSettingsSchema.safeParse(settings);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new StopsignError('BAD_CONFIG', `The hub's setting ${issue?.path.join('.')} is wrong: ${issue?.message}.`, {
      remedy: 'Correct it under hub: in the configuration.',
    });
  }
  const names = parsed.data.sources.map((source) => source.name);
  const bad = names.find((name, i) => !PathTable.isValidName(name) || names.indexOf(name) !== i);
  if (bad !== undefined) {
    throw new StopsignError('BAD_CONFIG', `The camera name "${bad}" is not a valid path, or is there twice.`, {
      remedy: 'Give each camera a name of its own, of letters, digits, - and _.',
    });
  }
  return parsed.data;
}
