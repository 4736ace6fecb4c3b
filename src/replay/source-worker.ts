/** Thread shell of a replay's source. */
import { openRoom } from '../actors/runtime/open-room.ts';
import { loadBackend } from '../media/decode/backend.ts';
import { SourceActor } from './source-actor.ts';
import { sourceSettings } from './source-settings.ts';

openRoom(async (room) => {
  const { backend, path, camera } = sourceSettings.parse(room.settings);
  const file = await (await loadBackend(backend)).openFile(path);
  return new SourceActor({ name: room.name, file, frames: room.frameWriter(`frames:${camera}`), row: room.row });
});
