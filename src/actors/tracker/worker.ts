/** Thread shell of the tracker room. */
import { codeDigest } from '../../store/code-digest.ts';
import { TrackerStateFile } from '../../store/tracker-state-file.ts';
import { openRoom } from '../runtime/open-room.ts';
import { SUPERVISOR } from '../runtime/plan.ts';
import { TrackerActor } from './actor.ts';
import { TrackerMemory } from './memory.ts';
import { type TrackerSettings, trackerSettings } from './settings.ts';

openRoom<TrackerSettings>((room) => {
  const settings = trackerSettings.parse(room.settings);
  const { camera, stateFile } = settings;
  const onProblem = (sentence: string): void => room.log.warn(sentence);
  const keeper = stateFile === undefined ? undefined : new TrackerStateFile({ path: stateFile, camera, onProblem });
  return new TrackerActor(settings, {
    name: room.name,
    detections: room.recordReader(`detections:${camera}`),
    live: room.recordWriter(`tracks:${camera}`),
    facts: room.recordWriter(`facts:${camera}`),
    row: room.row,
    clock: room.clock,
    memory: new TrackerMemory(room.recordReader(`memory:${camera}`), room.recordWriter(`memory:${camera}`)),
    program: codeDigest(new URL('../../domain/', import.meta.url)),
    keeper,
    isHouseClosing: () => room.board.row(SUPERVISOR).state === 'stopping',
    onRecall: (words) => room.log.info(words),
  });
});
