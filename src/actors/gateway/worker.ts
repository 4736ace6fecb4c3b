/** The gateway's thread. The real database and the native server enter here. */
import { openRoom } from '../runtime/open-room.ts';
import { Gateway } from './actor.ts';
import { openPassStore } from './open-pass-store.ts';
import type { GatewaySettings } from './settings.ts';
import { loadUws } from './uws.ts';

openRoom<GatewaySettings>((room) => {
  return new Gateway(room, { uws: loadUws(), store: openPassStore(room.settings.databaseUrl) });
});
