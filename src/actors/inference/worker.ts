/** Thread shell of the inference room: the real detector enters here. */
import { join } from 'node:path';
import { ViewFile } from '../../store/view-file.ts';
import { openDetector } from '../../vision/detector.ts';
import { openDetectorPool } from '../../vision/detector-pool.ts';
import { openRoom } from '../runtime/open-room.ts';
import { InferenceActor } from './actor.ts';
import { emitScore, type InferenceSettings } from './settings.ts';

openRoom<InferenceSettings>((room) => {
  const { model, threads, copies, nmsIou, views } = room.settings;
  return new InferenceActor(room, {
    openDetector: (native) => {
      const options = { nmsIou, minScore: emitScore(room.settings), native };
      return copies
        ? openDetectorPool(model, { ...options, copies: threads })
        : openDetector(model, { ...options, threads });
    },
    ...(views && {
      viewMemory: (camera: string) =>
        new ViewFile({
          path: join(views.dir, `${camera}.json`),
          version: views.versions[camera] ?? '',
          onProblem: (sentence) => room.log.warn({ camera }, sentence),
        }),
    }),
  });
});
