/** Thread shell of the inference room: the real detector enters here. */
import { openDetector } from '../../vision/detector.ts';
import { openRoom } from '../runtime/open-room.ts';
import { InferenceActor } from './actor.ts';
import { emitScore, type InferenceSettings } from './settings.ts';

openRoom<InferenceSettings>((room) => {
  const { model, threads, nmsIou } = room.settings;
  return new InferenceActor(room, {
    openDetector: (native) => openDetector(model, { threads, nmsIou, minScore: emitScore(room.settings), native }),
  });
});
