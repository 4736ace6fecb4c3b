/** The hub's RTSP port: accepts publishers and readers, one `RtspServerConnection` each. */
import net from 'node:net';
import { listen } from './listen.ts';
import { RtspServerConnection } from './rtsp-server-connection.ts';
import type { HouseParts } from './settings.ts';

const MAX_CONNECTIONS = 512;

export class RtspServer {
  readonly port: number;
  readonly #server: net.Server;
  readonly #connections: Set<RtspServerConnection>;

  /** @throws StopsignError PORT_TAKEN, BAD_CONFIG */
  static async open(house: HouseParts): Promise<RtspServer> {
    const { settings } = house;
    const connections = new Set<RtspServerConnection>();
    const server = net.createServer((socket) => {
      const connection = new RtspServerConnection({ ...house, socket });
      connections.add(connection);
      socket.once('close', () => connections.delete(connection));
    });
    server.maxConnections = MAX_CONNECTIONS;
    const port = await listen(server, settings.bind, settings.rtspPort, 'RTSP', 'rtsp_port');
    return new RtspServer(server, connections, port);
  }

  private constructor(server: net.Server, connections: Set<RtspServerConnection>, port: number) {
    this.#server = server;
    this.#connections = connections;
    this.port = port;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.close();
    await closed;
  }
}
