/**
 * The table of HTTP routes: who may ask, how often, and which part answers. Docs: docs/wire.md. Gateway's thread.
 */
import type { TemplatedApp } from 'uWebSockets.js';
import type { ApiPorts } from '../../rpc/api/ports.ts';
import type { Clock } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { formatMetrics, METRICS_CONTENT_TYPE } from '../../telemetry/metrics.ts';
import type { Access, Credentials, Gatekeeper } from './access.ts';
import { Exchange } from './exchange.ts';
import type { MediaProxy } from './media-proxy.ts';
import { metricsReport } from './metrics-report.ts';
import { OpenConnections } from './open-connections.ts';
import type { StaticFiles } from './static-files.ts';
import { deadThreads, readiness, type StatusSource } from './system-status.ts';
import { TokenBuckets } from './token-bucket.ts';
import { answerTrpc, isSecure } from './trpc-route.ts';
import type { TruthFiles } from './truth-files.ts';

/** The largest thing that comes in is an SDP offer (MediaMTX takes 128 KiB) or a batch of mutations. */
const MAX_BODY_BYTES = 256 * 1024;
/** A viewer with low-latency HLS and the console asks some 20 times a second. */
const REQUESTS = { perSecond: 100, burst: 400 };
/** A console holds one or two; a browser opens no more than six to one host. */
const MAX_STREAMS_PER_ADDRESS = 16;
const MAX_STREAMS = 500;
/** At once. A player has two or three; the hub takes 512 connections, ours among them, and whoever reads slowly keeps one. */
const MAX_MEDIA_PER_ADDRESS = 64;
const MAX_MEDIA = 400;

export interface HttpRoutesOptions {
  readonly source: StatusSource;
  readonly ports: ApiPorts;
  readonly gatekeeper: Gatekeeper;
  readonly media: MediaProxy;
  readonly files: StaticFiles;
  readonly truths: TruthFiles;
  readonly clock: Clock;
  readonly log: Log;
}

type Answer = (exchange: Exchange) => Promise<void> | void;

export class HttpRoutes {
  private readonly options: HttpRoutesOptions;
  private readonly requests = new TokenBuckets(REQUESTS);
  private readonly streams = new OpenConnections(MAX_STREAMS_PER_ADDRESS, MAX_STREAMS);
  private readonly mediaRequests = new OpenConnections(MAX_MEDIA_PER_ADDRESS, MAX_MEDIA);

  constructor(options: HttpRoutesOptions) {
    this.options = options;
  }

  mount(app: TemplatedApp): void {
    const { source, ports, truths, log } = this.options;
    // Liveness and readiness are asked by machines that cannot log in, and must answer even under a flood.
    this.route(app, '/healthz', (exchange) => this.health(exchange), { limited: false });
    this.route(app, '/ready', (exchange) => this.ready(exchange), { limited: false });
    this.route(
      app,
      '/metrics',
      this.forViewers((exchange) => {
        const text = formatMetrics(metricsReport(source, this.nowUs()));
        exchange.send(200, [['content-type', METRICS_CONTENT_TYPE]], text);
      }),
    );
    // Login must be reachable for everybody: the procedures themselves ask for `mayView`.
    const { streams } = this;
    this.route(app, '/trpc/*', (exchange) =>
      answerTrpc(exchange, { ports, log, streams, access: this.access(exchange) }),
    );
    this.route(
      app,
      '/media/*',
      this.forViewers((exchange) => this.passOn(exchange)),
    );
    this.route(
      app,
      '/truth/*',
      this.forViewers((exchange) => truths.answer(exchange)),
    );
    this.route(app, '/*', (exchange) => this.page(exchange));
  }

  /** Now and then. */
  tidy(nowMs: number): void {
    this.requests.forgetFull(nowMs);
  }

  private route(app: TemplatedApp, pattern: string, answer: Answer, { limited = true } = {}): void {
    app.any(pattern, (res, req) => {
      const exchange = new Exchange(res, req, { maxBodyBytes: MAX_BODY_BYTES });
      if (limited && !this.requests.tryTake(exchange.address, this.nowUs() / 1000)) {
        return exchange.json(429, { error: 'Too many requests from this address.' }, [['retry-after', '1']]);
      }
      this.settle(exchange, answer);
    });
  }

  private async settle(exchange: Exchange, answer: Answer): Promise<void> {
    try {
      await answer(exchange);
    } catch (error) {
      this.options.log.error({ err: error, path: exchange.path }, 'a request failed');
      exchange.json(500, { error: 'Something went wrong inside; the log has the details.' });
    }
  }

  private forViewers(answer: Answer): Answer {
    return (exchange) => {
      if (this.access(exchange).mayView) return answer(exchange);
      exchange.json(401, { error: 'Viewing needs the token: log in first.' });
    };
  }

  private async passOn(exchange: Exchange): Promise<void> {
    const { address } = exchange;
    if (this.mediaRequests.isFull(address)) {
      return exchange.json(429, { error: 'Too many media requests at once.' }, [['retry-after', '1']]);
    }
    this.mediaRequests.add(address);
    try {
      await this.options.media.answer(exchange);
    } finally {
      this.mediaRequests.remove(address);
    }
  }

  private page(exchange: Exchange): Promise<void> {
    const cookie = this.options.gatekeeper.viewerCookie(credentials(exchange), isSecure(exchange));
    return this.options.files.answer(exchange, cookie === null ? [] : [['set-cookie', cookie]]);
  }

  private health(exchange: Exchange): void {
    const nowUs = this.nowUs();
    const dead = deadThreads(this.options.source.board, nowUs);
    exchange.json(dead.length === 0 ? 200 : 503, { ok: dead.length === 0, dead, tsUtc: nowUs / 1e6 });
  }

  private ready(exchange: Exchange): void {
    const checks = readiness(this.options.source, this.nowUs());
    const isReady = checks.every(({ ok }) => ok);
    exchange.json(isReady ? 200 : 503, { ready: isReady, checks });
  }

  private access(exchange: Exchange): Access {
    return this.options.gatekeeper.check(credentials(exchange));
  }

  private nowUs(): number {
    return this.options.clock.nowUs();
  }
}

function credentials({ headers, query, address }: Exchange): Credentials {
  return {
    cookie: headers.get('cookie'),
    authorization: headers.get('authorization'),
    queryToken: query.get('token'),
    address,
  };
}
