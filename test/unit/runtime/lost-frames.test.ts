/** What an incident cost in frames, by the counters of the rings. */
import { expect, it } from 'vitest';
import { DEFAULT_TIMES } from '../../../src/actors/runtime/child-spec.ts';
import { House } from '../../../src/actors/runtime/house.ts';
import { FrameRingReader, FrameRingWriter } from '../../../src/shm/frame-ring.ts';

const header = { frame: 0, epoch: 1, rtp: 0, captureTsUs: 0, ptsUs: 0, receivedUs: 0, decodedUs: 0 };

function openHouse() {
  const spec = { ...DEFAULT_TIMES, entry: '', settings: {}, reads: [], writes: [] };
  const house = new House({
    rings: ['front', 'side'].map((camera) => ({
      name: `frames:${camera}`,
      kind: 'frames',
      spec: { slots: 8, maxWidth: 4, maxHeight: 4, policy: 'live' },
    })),
    children: [
      { ...spec, name: 'inference', reads: ['frames:front', 'frames:side'] },
      { ...spec, name: 'decoder:front', writes: ['frames:front'] },
      { ...spec, name: 'decoder:side', writes: ['frames:side'] },
    ],
  });
  const endsOf = (camera: string) => {
    const { memory } = house.rings.find(({ name }) => name === `frames:${camera}`) as { memory: SharedArrayBuffer };
    const writer = new FrameRingWriter(memory, house.bell('inference'));
    const send = (frames: number) => {
      for (let n = 0; n < frames; n++)
        if (writer.tryClaim({ ...header, width: 4, height: 4, fullRange: false })) writer.commit();
    };
    return { send, reader: new FrameRingReader(memory) };
  };
  return { house, endsOf };
}

it('leaves out the frames that were left out on purpose', () => {
  const { house, endsOf } = openHouse();
  const front = endsOf('front');
  front.send(10);
  front.reader.skip(5, 4);
  front.reader.release();
  expect(house.lostFrames('decoder:front')).toBe(2 + 1);
  expect(house.lostFrames('decoder:side')).toBe(0);
  endsOf('side').reader.skip(3, 3);
  endsOf('side').send(9);
  expect(house.lostFrames('inference')).toBe(3 + 1);
});
