import { expect, it } from 'vitest';
import { metricsReport } from '../../../src/actors/gateway/metrics-report.ts';
import { ringReports } from '../../../src/actors/runtime/ring-report.ts';
import { Bell } from '../../../src/shm/bell.ts';
import { FrameRing, FrameRingWriter } from '../../../src/shm/frame-ring.ts';
import { RecordRing, RecordRingWriter } from '../../../src/shm/record-ring.ts';
import { StatusBoard } from '../../../src/shm/status-board.ts';
import { formatMetrics } from '../../../src/telemetry/metrics.ts';

const NAMES = ['persister', 'supervisor'];
const bell = new Bell(new SharedArrayBuffer(Bell.bytesFor(1)), 0);

it('tells of every ring what went in, what came out and what is between', () => {
  const frames = FrameRing.allocate({ slots: 1, maxWidth: 4, maxHeight: 4, policy: 'live' });
  const records = RecordRing.allocate({ capacity: 64 });
  const ends = { writer: 'persister', reader: 'persister' };
  const reports = ringReports([
    { name: 'frames:demo', kind: 'frames', memory: frames, ...ends },
    { name: 'facts:demo', kind: 'records', memory: records, ...ends },
  ]);
  const writer = new FrameRingWriter(frames, bell);
  const times = { captureTsUs: 0, ptsUs: 0, receivedUs: 0, decodedUs: 0 };
  for (let frame = 0; frame < 3; frame += 1) {
    if (writer.tryClaim({ frame, epoch: 1, rtp: 0, ...times, width: 4, height: 4, fullRange: false })) writer.commit();
  }
  new RecordRingWriter(records, bell).tryWrite(1, new Uint8Array(5));
  const text = formatMetrics(
    metricsReport(
      {
        board: new StatusBoard(StatusBoard.allocate(NAMES.length), NAMES),
        channels: [],
        ringReports: reports,
        settings: { version: '1', model: { name: 'none', sha256: '' } },
        startedUs: 0,
      },
      1,
    ),
  );
  for (const line of [
    'stopsign_ring_total{ring="frames:demo",count="offered"} 3',
    'stopsign_ring_total{ring="frames:demo",count="committed"} 1',
    'stopsign_ring_total{ring="frames:demo",count="dropped"} 2',
    'stopsign_ring_in_flight{ring="frames:demo",count="inRing"} 1',
    'stopsign_ring_total{ring="facts:demo",count="written"} 1',
    'stopsign_ring_in_flight{ring="facts:demo",count="inRing"} 1',
    'stopsign_ring_bytes{ring="facts:demo"} 16',
  ]) {
    expect(text).toContain(line);
  }
});
