import { describe, expect, it } from 'vitest';
import { StopsignError } from '../../../../src/errors.ts';
import { parseRtspAddress } from '../../../../src/media/rtsp/rtsp-address.ts';

describe('an RTSP address', () => {
  it('decodes the credentials and keeps them out of the URL and the label', () => {
    const address = parseRtspAddress('rtsp://ad%40min:p%23ss%2F%25@cam.local:8554/h264/ch1?sub=1');
    expect(address).toEqual({
      host: 'cam.local',
      port: 8554,
      tls: false,
      url: 'rtsp://cam.local:8554/h264/ch1?sub=1',
      credentials: { user: 'ad@min', password: 'p#ss/%' },
      label: 'cam.local:8554/h264/ch1',
    });
  });

  it('knows the default ports, IPv6, and masks passwords that cameras want in the path', () => {
    expect(parseRtspAddress('rtsp://[::1]/x')).toMatchObject({ host: '::1', port: 554, label: '[::1]:554/x' });
    expect(parseRtspAddress('rtsps://cam/x')).toMatchObject({ port: 322, tls: true });
    const xm = parseRtspAddress('rtsp://cam/user=admin&password=secret&channel=1?pwd=secret');
    expect(xm.label).toBe('cam:554/user=admin&password=***&channel=1');
    expect(xm.url).toContain('password=secret');
  });

  it.each(['http://u:secret@cam/x', 'secret', 'rtsp://u:secret@', 'rtsp://u:sec ret#@[bad'])(
    'refuses %s without repeating it',
    (text) => {
      let error: unknown;
      try {
        parseRtspAddress(text);
      } catch (cause) {
        error = cause;
      }
      expect(error).toBeInstanceOf(StopsignError);
      expect(error).toMatchObject({ code: 'BAD_CONFIG' });
      expect(`${(error as Error).stack}${JSON.stringify(error)}`).not.toMatch(/secret|sec ret/);
    },
  );
});
