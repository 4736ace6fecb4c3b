/**
 * What a detector wants to be fed and what it gives back, in four known families. Used by the manifest, the letterbox,
 * the decoders and the inference room.
 */

/**
 * yolox      [1,N,5+C]: grid-relative boxes, objectness and class scores (Megvii YOLOX)
 * yolov8     [1,4+C,N]: centre boxes and class scores (Ultralytics v8, v9, 11 exports)
 * end2end    [1,N,6]: corners, score, class; NMS already done inside (YOLOv10 and other NMS-free exports)
 * centernet  [1,C,H,W] class peaks and [1,4,H,W] distances to the four sides
 */
export const FAMILIES = ['yolox', 'yolov8', 'end2end', 'centernet'] as const;
export type Family = (typeof FAMILIES)[number];

export interface InputSize {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

export interface ModelInput extends InputSize {
  readonly layout: Family;
}

export interface Layout {
  readonly order: 'rgb' | 'bgr';
  /** What white is in the tensor: 255 or 1. */
  readonly white: number;
  /** Keeps the aspect and pads, or stretches to the whole input. */
  readonly fit: 'top-left' | 'centred' | 'stretched';
  /** Grey of the padding, 0 … 255 before scaling to `white`. */
  readonly pad: number;
}

/** How each family was trained to see a picture. */
export const LAYOUTS: Readonly<Record<Family, Layout>> = {
  yolox: { order: 'bgr', white: 255, fit: 'top-left', pad: 114 },
  yolov8: { order: 'rgb', white: 1, fit: 'centred', pad: 114 },
  end2end: { order: 'rgb', white: 1, fit: 'centred', pad: 114 },
  centernet: { order: 'rgb', white: 255, fit: 'stretched', pad: 0 },
};
