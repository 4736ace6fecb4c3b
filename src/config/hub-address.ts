/**
 * The address of a media hub, as people write it, to its four base URLs. Pure; used for MEDIA_HUB and `hub.host`.
 * Ports that are not said are MediaMTX's.
 */
import { StopsignError } from '../errors.ts';
import type { HubUrls } from './runtime.ts';

export interface HubPorts {
  readonly rtsp: number;
  readonly webrtc: number;
  readonly hls: number;
  readonly api: number;
}

export const DEFAULT_HUB_PORTS: HubPorts = { rtsp: 8554, webrtc: 8889, hls: 8888, api: 9997 };

/**
 * Reads `host`, `rtsp://host:8554`, or `host,rtsp=8554,webrtc=8889,hls=8888,api=9997` (any of the four, in any order).
 * Throws BAD_CONFIG naming the setting `name`.
 */
export function hubAddress(text: string, name: string, defaults: HubPorts = DEFAULT_HUB_PORTS): HubUrls {
  const [first = '', ...settings] = text.split(',').map((part) => part.trim());
  const ports: Record<keyof HubPorts, number> = { ...defaults };
  const url = URL.canParse(first) && first.includes('://') ? new URL(first) : parseHost(first);
  if (!url?.hostname || !['rtsp:', 'http:', 'hub:'].includes(url.protocol)) throw unreadable(name, text);
  if (url.port) {
    // A bare port can only be one of the four; RTSP is the one that everybody knows a hub by.
    if (url.protocol === 'http:') throw unreadable(name, text);
    ports.rtsp = Number(url.port);
  }
  for (const setting of settings) {
    const match = /^(rtsp|webrtc|hls|api)=(\d{1,5})$/.exec(setting);
    if (!match || Number(match[2]) > 65_535) throw unreadable(name, text);
    ports[match[1] as keyof HubPorts] = Number(match[2]);
  }
  return hubUrls(url.hostname, ports);
}

/** @param host a name, an IPv4 address, or an IPv6 address with or without brackets */
export function hubUrls(host: string, ports: HubPorts): HubUrls {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return {
    rtsp: `rtsp://${name}:${ports.rtsp}`,
    webrtc: `http://${name}:${ports.webrtc}`,
    hls: `http://${name}:${ports.hls}`,
    api: `http://${name}:${ports.api}`,
  };
}

function parseHost(text: string): URL | undefined {
  if (!/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/.test(text)) return undefined;
  return URL.canParse(`hub://${text}`) ? new URL(`hub://${text}`) : undefined;
}

function unreadable(name: string, text: string): StopsignError {
  return new StopsignError('BAD_CONFIG', `${name} must be the address of a media hub, found "${text}".`, {
    remedy: 'Write a host such as mediamtx.local, or host,rtsp=8554,webrtc=8889,hls=8888,api=9997.',
  });
}
