/** Thread shell of an inference room whose detector finds nothing at no cost: see throughput.mjs. */
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const from = (path) => import(join(process.env.STOPSIGN_DIST ?? join(root, 'dist'), path));
const { openRoom } = await from('actors/runtime/open-room.js');
const { InferenceActor } = await from('actors/inference/actor.js');

openRoom(
  (room) => new InferenceActor(room, { openDetector: async () => ({ detect: async () => [], close: async () => {} }) }),
);
