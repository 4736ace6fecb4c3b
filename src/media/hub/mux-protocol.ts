/**
 * Leads the ICE of one WebRTC session (werift) through the port that all share, instead of a socket of its own. werift has no
 * setting for that; it announces and uses whatever stands in the `protocols` of a connection before it gathers, and
 * `test/integration/media/hub-one-port.test.ts` watches that it still does. Used by `WhepSession`.
 */
import { randomBytes } from 'node:crypto';
import { Candidate, type Connection, StunProtocol } from 'werift';
import type { MuxLane, UdpMux } from './udp-mux.ts';

/** The parts of werift's connection that its types hide. */
interface OpenConnection {
  readonly protocols: StunProtocol[];
  ensureProtocol(protocol: StunProtocol): void;
  pairLocalProtocol(protocol: StunProtocol): void;
}

/** Highest for a host candidate over UDP (RFC 8445 §5.1.2.1). */
const HOST_PRIORITY = 2_130_706_431;

/** Before candidates are gathered, once. The connection's end gives the place back. */
export function joinMux(connection: Connection, mux: UdpMux): void {
  // Four letters, which is what werift takes, are not enough to tell sessions apart.
  connection.localUsername = randomBytes(8).toString('hex');
  connection.userHistory[connection.localUsername] = connection.localPassword;
  const protocol = new StunProtocol();
  const lane: MuxLane = {
    ufrag: connection.localUsername,
    password: connection.localPassword,
    hasAsked: (transaction) => transaction in protocol.transactions,
    onData: (data, from) => protocol['datagramReceived'](data, from),
  };
  const transport = {
    type: 'udp',
    socketType: 'udp4',
    address: { address: '127.0.0.1', family: 'IPv4', port: mux.port },
    closed: false,
    onData: () => {},
    async send(data: Buffer, to: readonly [string, number]) {
      mux.send(data, to);
    },
    async close() {
      transport.closed = true;
      mux.remove(lane);
    },
  };
  protocol.transport = transport as unknown as StunProtocol['transport'];
  protocol.localIp = '127.0.0.1';
  const { generation, localUsername } = connection;
  const none = undefined;
  protocol.localCandidate = new Candidate(
    ...(['one', 1, 'udp', HOST_PRIORITY, '127.0.0.1', mux.port, 'host', none, none, none] as const),
    generation,
    localUsername,
  );
  const open = connection as unknown as OpenConnection;
  open.ensureProtocol(protocol);
  open.protocols.push(protocol);
  open.pairLocalProtocol(protocol);
  mux.add(lane);
}
