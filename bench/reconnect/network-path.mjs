/**
 * The network between browser and house, with a plug to pull: TCP (page, API, WebSocket, WHEP) through a forwarder, and the
 * video's UDP through relays, one for each port of the hub that an answer names. Pulled, nothing passes in either direction and
 * nobody is told, as on a dead link; no root is needed. Used by bench/reconnect.mjs.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export async function openNetworkPath(gatewayPort) {
  const sockets = new Set();
  const relays = new Map();
  let isCut = false;

  const join = (from, to) => {
    sockets.add(from);
    if (isCut) from.pause();
    from.on('data', (bytes) => {
      if (!to.write(bytes)) from.pause();
    });
    to.on('drain', () => !isCut && from.resume());
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((page) => {
    const house = connect({ port: gatewayPort, host: '127.0.0.1' });
    join(page, house);
    join(house, page);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  /** @returns the port that stands for the hub's port */
  const relay = async (hubPort) => {
    const known = relays.get(hubPort);
    if (known) return known.port;
    const outer = createSocket('udp4');
    const inner = new Map();
    outer.on('message', (bytes, { address, port }) => {
      if (isCut) return;
      const key = `${address}:${port}`;
      let socket = inner.get(key);
      if (!socket) {
        socket = createSocket('udp4');
        socket.on('message', (answer) => !isCut && outer.send(answer, port, address));
        socket.on('error', () => {});
        inner.set(key, socket);
      }
      socket.send(bytes, hubPort, '127.0.0.1');
    });
    outer.bind(0);
    await once(outer, 'listening');
    const { port } = outer.address();
    relays.set(hubPort, { port, close: () => [outer, ...inner.values()].forEach((socket) => void socket.close()) });
    return port;
  };

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    relay,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    mend() {
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      for (const { close } of relays.values()) close();
    },
  };
}
