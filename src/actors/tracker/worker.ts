/** Thread shell of the tracker room. */
import { openRoom } from '../runtime/open-room.ts';
import { TrackerActor } from './actor.ts';
import { type TrackerSettings, trackerSettings } from './settings.ts';

openRoom<TrackerSettings>((room) => {
  const settings = trackerSettings.parse(room.settings);
  return new TrackerActor(settings, {
    name: room.name,
    detections: room.recordReader(`detections:${settings.camera}`),
    live: room.recordWriter(`tracks:${settings.camera}`),
    facts: room.recordWriter(`facts:${settings.camera}`),
    row: room.row,
    clock: room.clock,
  });
});
