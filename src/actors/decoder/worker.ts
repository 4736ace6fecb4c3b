/** Thread shell of the decoder room. */
import { loadBackend } from '../../media/decode/backend.ts';
import { openRoom } from '../runtime/open-room.ts';
import { DecoderActor } from './actor.ts';
import { HubCamera } from './hub-camera.ts';
import { runOperatorCommand } from './operator-command.ts';
import { type DecoderSettings, decoderSettings } from './settings.ts';

openRoom<DecoderSettings>(async (room) => {
  const settings = decoderSettings.parse(room.settings);
  const { command } = settings.frozen;
  const backend = await loadBackend();
  return new DecoderActor({
    ...room,
    camera: new HubCamera(settings, room.row.get('gauge1'), room.clock),
    openDecoder: (codec) => backend.openStream(codec),
    frames: room.frameWriter(`frames:${settings.camera}`),
    signals: room.recordWriter(`signals:${settings.camera}`),
    frozen: {
      afterMs: settings.frozen.afterS * 1_000,
      runCommand:
        command === undefined ? undefined : (since) => runOperatorCommand(command, settings.camera, since, room.log),
    },
    wake: () => room.bell.ring(),
  });
});
