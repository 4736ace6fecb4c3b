/** Which DTLS records of a viewer are believed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { believableRecords } from '../../../../src/media/hub/dtls-records.ts';

const [CHANGE, ALERT, HANDSHAKE, DATA] = [20, 21, 22, 23] as const;

function record(type: number, epoch: number, body = 'xy'): Buffer {
  const head = Buffer.from([type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 7, 0, body.length]);
  return Buffer.concat([head, Buffer.from(body)]);
}

const during = { isConnected: false, isAuthentic: () => false };
const after = {
  isConnected: true,
  isAuthentic: ({ fragment }: { fragment: Buffer }) => fragment.toString() === 'true',
};

describe('DTLS records', () => {
  it('of a handshake pass while it lasts, in the clear and encrypted', () => {
    const flight = Buffer.concat([record(HANDSHAKE, 0), record(CHANGE, 0), record(HANDSHAKE, 1)]);
    expect(believableRecords(flight, during)).toEqual(flight);
  });

  it('of the last flight pass without what is in the clear when they are repeated', () => {
    const flight = Buffer.concat([record(HANDSHAKE, 0), record(CHANGE, 0), record(HANDSHAKE, 1)]);
    expect(believableRecords(flight, after)).toEqual(Buffer.concat([record(CHANGE, 0), record(HANDSHAKE, 1)]));
  });

  it.each([during, after])('that end a session pass only when they are encrypted with its keys (%o)', (state) => {
    for (const forged of [
      record(ALERT, 0),
      record(ALERT, 0, 'true'),
      record(ALERT, 1, 'lie'),
      record(25, 0),
      record(63, 1),
    ])
      expect(believableRecords(forged, state)).toHaveLength(0);
    expect(believableRecords(record(ALERT, 1, 'true'), after)).toEqual(record(ALERT, 1, 'true'));
  });

  it('with data pass when they say that they are encrypted', () => {
    expect(believableRecords(record(DATA, 0), after)).toHaveLength(0);
    expect(believableRecords(record(DATA, 1), after)).toEqual(record(DATA, 1));
  });

  it('that are cut short are left out, whatever comes', () => {
    const whole = record(DATA, 1);
    expect(believableRecords(Buffer.concat([whole, whole.subarray(0, 14)]), after)).toEqual(whole);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, isConnected) => {
        const datagram = Buffer.from(bytes);
        expect(believableRecords(datagram, { ...during, isConnected }).length).toBeLessThanOrEqual(datagram.length);
      }),
    );
  });
});
