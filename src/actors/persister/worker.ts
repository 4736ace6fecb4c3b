/** Thread shell of the persister room. */
import { join } from 'node:path';
import { PostgresFactStore } from '../../store/fact-store.ts';
import { LazySpool } from '../../store/lazy-spool.ts';
import { openStore } from '../../store/open-store.ts';
import { RejectFile } from '../../store/reject-file.ts';
import { openRoom } from '../runtime/open-room.ts';
import { PersisterActor } from './actor.ts';
import { markDiskWaits } from './disk-wait.ts';
import { persisterSettings } from './settings.ts';

openRoom((room) => {
  const settings = persisterSettings.parse(room.settings);
  const { name, row, clock, log, reads } = room;
  const store = openStore({ url: settings.databaseUrl, applicationName: 'stopsign persister', maxConnections: 2 });
  const since = { startedUtc: settings.processStartedUtc, nowUtc: () => clock.nowUs() / 1e6 };
  return new PersisterActor(settings, {
    ...{ name, row, clock, log, rings: reads.map((ring) => room.recordReader(ring)), wake: () => room.bell.ring() },
    steady: { nowUs: () => performance.now() * 1_000 },
    spool: markDiskWaits(
      new LazySpool({ dir: join(settings.dataDir, 'spool'), maxBytes: settings.spoolMaxBytes }),
      row,
    ),
    store: new PostgresFactStore(store, settings.cameras, since),
    rejects: new RejectFile({ path: join(settings.dataDir, 'rejected.ndjson') }),
  });
});
