/** The decoder's logic behind its ports; the real camera and the real decoders have tests of their own. */
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { DecoderActor } from '../../../src/actors/decoder/actor.ts';
import type { CameraCounters, CameraListener } from '../../../src/actors/decoder/ports.ts';
import { decoderSpec } from '../../../src/actors/decoder/spec.ts';
import { Invoker } from '../../../src/actors/runtime/invoker.ts';
import { type Finding, type WatchdogMemory, watchdog } from '../../../src/actors/runtime/watchdog.ts';
import type { AccessUnit } from '../../../src/media/access-unit.ts';
import type { DecodedPicture } from '../../../src/media/decode/port.ts';
import { decodeRecord } from '../../../src/rpc/records.ts';
import { Bell } from '../../../src/shm/bell.ts';
import { FrameRing, FrameRingReader, FrameRingWriter } from '../../../src/shm/frame-ring.ts';
import { RecordRing, RecordRingReader, RecordRingWriter } from '../../../src/shm/record-ring.ts';
import { StatusBoard, StatusRow } from '../../../src/shm/status-board.ts';

const unit = (rtp: number, over: Partial<AccessUnit> = {}): AccessUnit => ({
  epoch: 1,
  rtp,
  key: true,
  utcUs: 1_000_000 + rtp,
  utcSource: 'sender-report',
  receivedUs: 5,
  codec: 'h264',
  data: Uint8Array.of(rtp & 255),
  ...over,
});

function picture(tag: number, width = 4, height = 2, isDamaged = false): DecodedPicture {
  const plane = (value: number, stride: number) => ({ data: new Uint8Array(stride * 2).fill(value), stride });
  return { tag, width, height, fullRange: false, isDamaged, planes: [plane(1, 6), plane(2, 4), plane(3, 4)] };
}

/** As the watchdog sees a decoder, with the limits of its plan. */
const HEALTHY = {
  name: 'decoder:front',
  generation: 1,
  isExpectedAlive: true,
  isInNative: false,
  inputWaiting: false,
  isBlocked: false,
  silentMs: 3_000,
  nativeMs: 6_000,
  stallMs: 5_000,
  outputMs: decoderSpec({ camera: 'front', url: '', hubApi: '' }).outputMs,
  unprovenMs: decoderSpec({ camera: 'front', url: '', hubApi: '' }).unprovenMs ?? 0,
};

interface RoomOptions {
  readonly slots?: number;
  readonly decode?: (data: Uint8Array, tag: number) => DecodedPicture[];
  readonly counters?: () => CameraCounters;
}

function room(options: RoomOptions = {}) {
  const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);
  const frames = FrameRing.allocate({ slots: options.slots ?? 4, maxWidth: 8, maxHeight: 8, policy: 'live' });
  const signals = RecordRing.allocate({ capacity: 4096 });
  const row = new StatusRow(StatusBoard.allocate(1), 0);
  const opened: string[] = [];
  let wakes = 0;
  let listener: CameraListener | undefined;
  const actor = new DecoderActor({
    name: 'decoder:front',
    camera: {
      open: (l) => {
        listener = l;
      },
      counters: () => options.counters?.() ?? { sequenceGaps: 3, reconnects: 2, lostPackets: 0, skippedUnits: 0 },
      close: async () => {},
    },
    openDecoder: async (codec) => {
      opened.push(codec);
      return {
        decode: async (data, tag) => options.decode?.(data, tag) ?? [picture(tag)],
        flush: async () => [],
        close: async () => {},
        [Symbol.asyncDispose]: async () => {},
      };
    },
    frames: new FrameRingWriter(frames, bell),
    signals: new RecordRingWriter(signals, bell),
    row,
    clock: { nowUs: () => 9_000 },
    log: pino({ level: 'silent' }),
    wake: () => {
      wakes += 1;
    },
  });
  actor.onStart();
  if (!listener) throw new Error('the camera was not opened');
  const said = () => {
    const messages: unknown[] = [];
    new RecordRingReader(signals).drain((_t, payload) => messages.push(decodeRecord(payload)), 99);
    return messages;
  };
  const work = async () => {
    while ((await actor.doWork()) > 0);
  };
  return { actor, camera: listener, row, opened, wakes: () => wakes, said, work, reader: new FrameRingReader(frames) };
}

/** Of what lies in the ring. */
function ringed(reader: FrameRingReader): number[] {
  const rtps: number[] = [];
  for (let slot = reader.tryPeek(); slot; slot = reader.tryPeek()) {
    rtps.push(slot.rtp);
    reader.release();
  }
  return rtps;
}

describe('the decoder room', () => {
  it('hands each picture on with the identity of its access unit and the rows unpadded', async () => {
    const r = room();
    r.camera.onUnit(unit(4_000_000_000, { epoch: 7 }));
    await r.work();
    const slot = r.reader.tryPeek();
    expect(slot).toMatchObject({
      frame: 0,
      epoch: 7,
      rtp: 4_000_000_000,
      captureTsUs: 4_001_000_000,
      receivedUs: 5,
      decodedUs: 9_000,
    });
    expect([[...(slot?.y ?? [])], [...(slot?.u ?? [])], [...(slot?.v ?? [])]]).toEqual([
      Array(8).fill(1),
      [2, 2],
      [3, 3],
    ]);
    expect(r.row.snapshot()).toMatchObject({ in: 1, out: 1, latencyUs: 8_995, gauge1: 7, gauge2: 3, gauge3: 2 });
  });

  it('adds up what was lost on the way, over sessions that begin to count anew and while nothing arrives', async () => {
    let counters = { sequenceGaps: 0, reconnects: 0, lostPackets: 0, skippedUnits: 0 };
    const r = room({ counters: () => counters });
    await r.work();
    counters = { ...counters, lostPackets: 7, skippedUnits: 12 };
    await r.work();
    await r.work();
    expect(r.row.snapshot()).toMatchObject({ lostPackets: 7, skippedUnits: 12 });
    counters = { ...counters, lostPackets: 2, skippedUnits: 0 };
    await r.work();
    expect(r.row.snapshot()).toMatchObject({ lostPackets: 9, skippedUnits: 12 });
  });

  it('never blocks on a full ring: the new picture is dropped and counted', async () => {
    const r = room({ slots: 2 });
    for (let i = 0; i < 5; i += 1) r.camera.onUnit(unit(i));
    await r.work();
    expect(r.row.snapshot()).toMatchObject({ in: 5, out: 2, dropped: 3 });
    expect(r.reader.counts()).toMatchObject({ offered: 5, committed: 2, dropped: 3 });
  });

  it('takes a new decoder for a new session and for another codec', async () => {
    const r = room();
    r.camera.onUnit(unit(1));
    r.camera.onUnit(unit(2));
    r.camera.onUnit(unit(3, { epoch: 2 }));
    r.camera.onUnit(unit(4, { epoch: 2, codec: 'h265' }));
    await r.work();
    expect(r.opened).toEqual(['h264', 'h264', 'h265']);
  });

  it('loses pictures, not itself, over data that cannot be decoded, and says so once', async () => {
    const r = room({
      decode: (data, tag) => {
        if (data[0] === 66) throw new Error('invalid data found');
        return [picture(tag)];
      },
    });
    for (const rtp of [1, 66, 66, 2]) {
      r.camera.onUnit(unit(rtp));
      await r.work();
    }
    expect(r.row.snapshot()).toMatchObject({ out: 2, errors: 2 });
    expect(r.said()).toEqual([
      { kind: 'stream', state: 'connecting', detail: 'invalid data found' },
      { kind: 'stream', state: 'online', detail: null },
    ]);
  });

  it('says in a sentence that a picture is too large', async () => {
    const r = room({ decode: (_data, tag) => [picture(tag, 16, 16)] });
    r.camera.onUnit(unit(1));
    await r.work();
    expect(r.said()).toMatchObject([
      { detail: expect.stringContaining('16×16 is too large. Choose a stream of at most 8×8') },
    ]);
  });

  it('counts a picture that is too large as no progress, and goes on with what waits: no watchdog holds it against the room', async () => {
    const r = room({ decode: (data, tag) => [data[0] === 3 ? picture(tag) : picture(tag, 16, 16)] });
    for (const [rtp, key] of [
      [1, true],
      [2, false],
      [3, true],
    ] as const)
      r.camera.onUnit(unit(rtp, { key }));
    const wakes = r.wakes();
    expect(await r.actor.doWork()).toBe(0);
    expect(r.wakes()).toBe(wakes + 1);
    expect(await r.actor.doWork()).toBe(1);
    expect(r.row.snapshot()).toMatchObject({ in: 3, out: 1, dropped: 2, errors: 1 });
    expect(r.said()).toMatchObject([{ state: 'connecting' }, { state: 'online', detail: null }]);
  });

  it('keeps a damaged picture from the ring, counts it, and goes on with the next key unit', async () => {
    const r = room({ decode: (data, tag) => [picture(tag, 4, 2, data[0] === 2)] });
    for (const [rtp, key] of [
      [1, true],
      [2, false],
      [3, false],
      [4, true],
      [5, false],
    ] as const) {
      r.camera.onUnit(unit(rtp, { key }));
      await r.work();
    }
    expect(ringed(r.reader)).toEqual([1, 4, 5]);
    expect(r.row.snapshot()).toMatchObject({ in: 5, out: 3, damaged: 1, dropped: 1, errors: 1 });
    expect(r.said()).toMatchObject([
      { state: 'connecting', detail: expect.stringContaining('is damaged: nothing is analysed until') },
      { state: 'online', detail: null },
    ]);
  });

  it('keeps back what follows a damaged picture in the same breath, and goes on with another decoder', async () => {
    // Two pictures are held back; what is behind the third comes out with it.
    const held: DecodedPicture[] = [];
    const decode = (_data: Uint8Array, tag: number) => {
      held.push(picture(tag, 4, 2, tag === 3));
      return tag === 4 ? held.splice(0, 4) : tag > 4 ? held.splice(0, 1) : [];
    };
    const r = room({ slots: 8, decode });
    for (let rtp = 1; rtp <= 9; rtp += 1) {
      r.camera.onUnit(unit(rtp, { key: rtp === 1 || rtp === 3 || rtp === 7 }));
      await r.work();
    }
    expect(ringed(r.reader)).toEqual([1, 2, 7, 8, 9]);
    expect(r.row.snapshot()).toMatchObject({ in: 9, out: 5, damaged: 2, dropped: 2, waiting: 0 });
    expect(r.opened).toHaveLength(2);
  });

  it.each([
    ['too large', (tag: number) => picture(tag, 16, 16)],
    ['damaged', (tag: number) => picture(tag, 4, 2, true)],
  ])('is not begun anew while a camera sends pictures that are %s for minutes', async (_how, bad) => {
    const r = room({ decode: (data, tag) => [data[0] === 0 ? picture(tag) : bad(tag)] });
    const invoker = new Invoker(r.actor, r.row, { nowUs: () => 9_000 });
    let memory: WatchdogMemory = new Map();
    const findings: Finding[] = [];
    for (let second = 0; second < 120; second += 1) {
      for (let n = 0; n < 10; n += 1) {
        r.camera.onUnit(unit(second, { key: n === 0 }));
        await invoker.invoke();
      }
      while (r.reader.tryPeek()) r.reader.release();
      const [taken, complaints] = [r.row.get('progress'), r.row.get('errors')];
      const flows = [{ output: 'frames:front', taken, given: r.reader.counts().committed }];
      const seen = { ...HEALTHY, heartbeat: second, progress: taken, complaints, flows };
      const [next, found] = watchdog(memory, [seen], second * 1_000);
      memory = next;
      findings.push(...found);
    }
    expect(r.reader.counts().committed).toBeGreaterThan(0);
    expect(r.row.get('errors')).toBeGreaterThan(100);
    expect(findings).toEqual([]);
  });

  it('keeps the units behind a key unit when what comes late and too large was taken before it', async () => {
    // The decoder holds one picture back, as with B-frames.
    const r = room({
      decode: (_data, tag) => (tag === 1 ? [] : [picture(tag - 1, tag === 2 ? 16 : 4, tag === 2 ? 16 : 2)]),
    });
    for (const [rtp, key] of [
      [1, true],
      [2, true],
      [3, false],
      [4, false],
    ] as const)
      r.camera.onUnit(unit(rtp, { key }));
    for (let n = 0; n < 4; n += 1) await r.actor.doWork();
    expect(r.row.snapshot()).toMatchObject({ in: 4, out: 2, dropped: 1 });
  });

  it('passes sender reports and the state of the stream to the gateway', () => {
    const r = room();
    r.camera.onSenderReport({ epoch: 3, rtp: 90_000, utcUs: 2_500_000 });
    r.camera.onState('connecting', 'The camera refuses the password. Check it.');
    expect(r.said()).toEqual([
      { kind: 'sr', epoch: 3, rtp: 90_000, utc: 2.5 },
      { kind: 'stream', state: 'connecting', detail: 'The camera refuses the password. Check it.' },
    ]);
    expect(r.row.get('gauge0')).toBe(0);
  });
});
