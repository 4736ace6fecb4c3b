/** The hub's control port: the part of MediaMTX's `/v3` API that says which streams there are, and metrics. Read only. */
import { hostname } from 'node:os';
import { decodedPath, demandAccess, HttpFailure, HttpListener, sendJson } from './http-listener.ts';
import { formatMetrics } from './metrics.ts';
import type { PathEntry } from './path-table.ts';
import type { HouseParts } from './settings.ts';
import type { WhepServer } from './whep-server.ts';
import type { WhepSession } from './whep-session.ts';

const DEFAULT_PER_PAGE = 100;

/** One path as MediaMTX shows it; `sourceError` is ours. */
export function describePath(entry: PathEntry) {
  const { stream } = entry;
  const since = stream ? stream.readySince.toISOString() : null;
  const readers = stream ? stream.readers.map(({ type, id }) => ({ type, id })) : [];
  return {
    name: entry.name,
    confName: entry.isConfigured ? entry.name : 'all_others',
    source: entry.source ? { type: entry.source.type, id: entry.source.id } : null,
    sourceError: entry.sourceError,
    ready: stream !== null,
    readyTime: since,
    available: stream !== null,
    availableTime: since,
    online: stream !== null,
    onlineTime: since,
    tracks: stream ? [stream.track.encoding] : [],
    tracks2: stream ? [{ codec: stream.track.encoding, codecProps: null }] : [],
    inboundBytes: stream?.inboundBytes ?? 0,
    outboundBytes: stream?.outboundBytes ?? 0,
    bytesReceived: stream?.inboundBytes ?? 0,
    bytesSent: stream?.outboundBytes ?? 0,
    readers,
  };
}

function describeSession(session: WhepSession) {
  const { id, created, isConnected, path, query, outboundBytes, outboundPackets, remoteAddress } = session;
  return {
    id,
    created: created.toISOString(),
    remoteAddr: remoteAddress,
    peerConnectionEstablished: isConnected,
    state: 'read',
    path,
    query,
    inboundBytes: 0,
    outboundBytes,
    outboundRTPPackets: outboundPackets,
    bytesReceived: 0,
    bytesSent: outboundBytes,
  };
}

export type PathDescription = ReturnType<typeof describePath>;

/** @throws StopsignError PORT_TAKEN, BAD_CONFIG */
export function openControlApi(
  { settings, paths, doorkeeper }: HouseParts,
  viewers: Pick<WhepServer, 'sessions'>,
  started: Date,
): Promise<HttpListener> {
  return HttpListener.open({
    bind: settings.bind,
    port: settings.apiPort,
    what: 'the control API',
    key: 'api_port',
    allowMethods: 'OPTIONS, GET',
    allowHeaders: 'Authorization, Content-Type',
    allowOrigins: settings.allowOrigins,
    handler: async (request, response, url) => {
      const path = decodedPath(url);
      const action = path === '/metrics' ? 'metrics' : 'api';
      await demandAccess(doorkeeper, request, url, { action, path: '', protocol: '' });
      if (request.method !== 'GET') throw new HttpFailure(405, 'method not allowed');
      if (path === '/v3/info') {
        sendJson(response, 200, { version: 'stopsign-hub', started: started.toISOString(), hostname: hostname() });
        return;
      }
      if (path === '/metrics') {
        response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' }).end(formatMetrics(paths.list()));
        return;
      }
      if (path === '/v3/paths/list') {
        sendJson(response, 200, paginate(paths.list().map(describePath), url.searchParams));
        return;
      }
      if (path === '/v3/webrtcsessions/list') {
        sendJson(response, 200, paginate(viewers.sessions.map(describeSession), url.searchParams));
        return;
      }
      const id = /^\/v3\/webrtcsessions\/get\/([^/]+)$/.exec(path)?.[1];
      if (id !== undefined) {
        const session = viewers.sessions.find((viewer) => viewer.id === id);
        if (!session) throw new HttpFailure(404, 'session not found');
        sendJson(response, 200, describeSession(session));
        return;
      }
      const name = /^\/v3\/paths\/get\/(.+)$/.exec(path)?.[1];
      const entry = name === undefined ? null : paths.get(name);
      if (!entry) throw new HttpFailure(404, name === undefined ? 'not found' : 'path not found');
      sendJson(response, 200, describePath(entry));
    },
  });
}

function paginate<T>(
  items: readonly T[],
  query: URLSearchParams,
): { itemCount: number; pageCount: number; items: T[] } {
  const perPage = positive(query.get('itemsPerPage'), DEFAULT_PER_PAGE, 1);
  const page = positive(query.get('page'), 0, 0);
  return {
    itemCount: items.length,
    pageCount: Math.ceil(items.length / perPage),
    items: items.slice(page * perPage, (page + 1) * perPage),
  };
}

function positive(text: string | null, otherwise: number, least: number): number {
  if (text === null) return otherwise;
  if (!/^\d{1,6}$/.test(text) || Number(text) < least) throw new HttpFailure(400, 'invalid page or itemsPerPage');
  return Number(text);
}
