/**
 * The login with which StopSign itself reads from the hub: from the environment, else from the configuration. Pure; called by
 * `build-runtime.ts`. It goes to the gateway and the decoders, never to a browser.
 */
import { StopsignError } from '../errors.ts';
import type { Environment } from './environment.ts';
import type { HubLogin } from './runtime.ts';
import type { Config } from './schema.ts';

/**
 * @returns null: the hub asks for none
 * @throws StopsignError BAD_CONFIG when one half is missing
 */
export function hubLogin(
  hub: Pick<Config['hub'], 'user' | 'password'>,
  environment: Pick<Environment, 'hubUser' | 'hubPassword'>,
): HubLogin | null {
  const user = environment.hubUser ?? hub.user;
  const password = environment.hubPassword ?? hub.password;
  if (user === undefined && password === undefined) return null;
  if (user === undefined || password === undefined) {
    const missing = user === undefined ? 'hub.user (MEDIA_HUB_USER)' : 'hub.password (MEDIA_HUB_PASSWORD)';
    throw new StopsignError('BAD_CONFIG', `The login for the hub is half a login: ${missing} is missing.`, {
      remedy: 'Set both, or neither when the hub lets this machine read without a login.',
    });
  }
  if (user.includes(':')) {
    throw new StopsignError('BAD_CONFIG', 'The user of the hub (hub.user, MEDIA_HUB_USER) must not hold a colon.', {
      remedy: 'The colon divides user and password (RFC 7617): choose another name at the hub.',
    });
  }
  return { user, password };
}
