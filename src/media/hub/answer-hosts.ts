/** The addresses under which an answer says that the hub can be reached. Pure but for the look at the interfaces. Used by `WhepSession`. */
import { networkInterfaces } from 'node:os';

/** IPv4, of the interfaces that lead out of this machine. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses)
    .flatMap(({ family, internal, address }) => (family === 'IPv4' && !internal ? [address] : []));
}

/** Adds, for each address that is not one of our own interfaces (NAT), a copy of each host candidate with that address. */
export function withHosts(sdp: string, hosts: readonly string[]): string {
  return sdp
    .split('\r\n')
    .flatMap((line) => {
      const match = /^(a=candidate:)(\S+)( \d+ udp \d+ )(\S+)( \d+ typ host.*)$/i.exec(line);
      if (match?.[4] !== '127.0.0.1') return [line];
      const missing = hosts.filter((host) => !sdp.includes(` ${host} `));
      return [line, ...missing.map((host, i) => `${match[1]}${match[2]}${i}${match[3]}${host}${match[5]}`)];
    })
    .join('\r\n');
}
