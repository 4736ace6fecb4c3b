/** The gateway's thread. The real database and the native server enter here. */
import { openStore } from '../../store/open-store.ts';
import { passById } from '../../store/pass-by-id.ts';
import { passStats } from '../../store/pass-stats.ts';
import { recentIncidents } from '../../store/recent-incidents.ts';
import { recentPasses } from '../../store/recent-passes.ts';
import { scoredPassById, sitePasses } from '../../store/site-passes.ts';
import { openRoom } from '../runtime/open-room.ts';
import { Gateway } from './actor.ts';
import type { GatewaySettings } from './settings.ts';
import { loadUws } from './uws.ts';

openRoom<GatewaySettings>((room) => {
  const store = openStore({ url: room.settings.databaseUrl, applicationName: 'stopsign gateway' });
  const passes = {
    recentPasses: recentPasses.bind(null, store),
    passById: passById.bind(null, store),
    passStats: passStats.bind(null, store),
    sitePasses: sitePasses.bind(null, store),
    scoredPassById: scoredPassById.bind(null, store),
    recentIncidents: recentIncidents.bind(null, store),
    close: () => store.close(),
  };
  return new Gateway(room, { uws: loadUws(), store: passes });
});
