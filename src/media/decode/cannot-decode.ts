/** What is said when a decoder refuses what it is given: one sentence for every backend, with what can be set at a camera. */
import { StopsignError } from '../../errors.ts';

/** @param why in FFmpeg's words */
export function cannotDecode(why: string, cause?: unknown): StopsignError {
  return new StopsignError('BAD_INPUT', `the video cannot be decoded (${why.replace(/\.$/, '')}).`, {
    cause,
    remedy:
      'If it comes and goes, check the network to the camera and lower its bit rate. If it stays, set the camera to H.264 ' +
      '(profile Main or High) or H.265 (Main), 8 bit, 4:2:0, progressive, at most 3840 × 2160, with "smart codec" (H.264+, H.265+, Zip) ' +
      'off and an I-frame every second or two.',
  });
}
