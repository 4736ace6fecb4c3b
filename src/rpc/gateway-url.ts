/** Where a browser on this machine reaches the gateway. Pure; called by the analyzer's main thread when all is ready. */

/** @param host as the gateway listens on it: "every address" is shown as localhost, IPv6 in brackets */
export function gatewayUrl(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
  return host.includes(':') ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}
