/**
 * Whether a picture has the shape of the one that was calibrated. The pixels of two sizes of one shape are the same view;
 * a picture of another shape has lost its sides or was squeezed, and nothing in it says which. Known exactly from the
 * sizes alone. Asked by view-trust.ts for every frame, and by the room that holds the picture. Pure.
 */

/** Pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Ratios of width to height may differ by this much. Cameras round the sizes of one view to multiples of 8 lines: 1088 for
 * 1080 (0.7 %), 272 for 270 (0.7 %), 400 for 396 (1.0 %). The nearest shapes that are meant to differ lie 4 % apart or more
 * (1.85 : 1 and 16 : 9), usual ones 7 to 25 % (5 : 4, 4 : 3, 3 : 2, 16 : 10, 16 : 9). What is let through displaces
 * nothing by more than the view watch would find.
 */
export const SHAPE_TOLERANCE = 0.015;

export function isOfShape(picture: PictureSize, calibrated: PictureSize): boolean {
  const ratio = (picture.width * calibrated.height) / (picture.height * calibrated.width);
  return Math.max(ratio, 1 / ratio) <= 1 + SHAPE_TOLERANCE;
}
