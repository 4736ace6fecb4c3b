/**
 * A detector: picture in, detections in the picture's own pixels out. Letterbox, model run, decoding, suppression and
 * tidying put together. Lives on the inference thread, which opens it and calls `detect` for one picture at a time.
 */
import type { Detection } from '../domain/types.ts';
import { StopsignError } from '../errors.ts';
import type { DecodeOptions, OutputTensor } from './candidate.ts';
import { COCO80, MOTOR_VEHICLES, ROAD_USERS } from './coco80.ts';
import { type RecognisedFamily, recogniseFamily } from './families.ts';
import { Letterbox } from './letterbox.ts';
import type { Family, InputSize, ModelInput } from './model-input.ts';
import { mergeVehicles, nms } from './nms.ts';
import { type ModelSession, type NativeSection, openSession } from './ort-session.ts';
import type { YuvPicture } from './picture.ts';
import type { Placement } from './placement.ts';
import { tidyDetections } from './tidy-detections.ts';

export interface DetectorModel {
  readonly path: string;
  /** Absent: recognised from the output shapes. */
  readonly family?: Family | undefined;
  /** Size: used where the model leaves it free, multiples of 32. Layout: absent, that of the family. */
  readonly input?: (InputSize & { readonly layout?: Family | undefined }) | undefined;
  /** Class names by index. Absent: the 80 of COCO. */
  readonly classes?: readonly string[] | undefined;
}

export interface DetectorOptions {
  readonly threads: number;
  /** Detections below are not made, 0 … 1. */
  readonly minScore: number;
  /** Two boxes of one class that overlap more than this (IoU) are one object. */
  readonly nmsIou: number;
  /** Class names looked for. Absent: road users. */
  readonly wanted?: readonly string[] | undefined;
  readonly native?: NativeSection | undefined;
}

/** For models with a free input size and no entry in the manifest. */
const FREE_SIZES = { centernet: { width: 640, height: 352 }, other: { width: 640, height: 640 } } as const;

/**
 * Opens the model, runs it once on an empty picture and recognises it by what comes out.
 * @throws StopsignError BAD_MODEL, NATIVE_MISSING
 */
export async function openDetector(model: DetectorModel, options: DetectorOptions): Promise<Detector> {
  const session = await openSession(model.path, options);
  try {
    const size = inputSize(session, model);
    const blank = new Float32Array(3 * size.width * size.height);
    const recognised = recogniseFamily(await firstRun(session, blank, size), size, model.family);
    const classes = model.classes ?? COCO80;
    assertClasses(recognised, classes, model.path);
    const layout = model.input?.layout ?? recognised.family;
    return new Detector(session, recognised, { ...size, layout }, classes, options);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** A model that cannot do its first run never will. */
async function firstRun(
  session: ModelSession,
  blank: Float32Array<ArrayBuffer>,
  size: InputSize,
): Promise<OutputTensor[]> {
  try {
    return await session.run(blank, size);
  } catch (cause) {
    throw new StopsignError('BAD_MODEL', `The model ${session.path} does not run on ${size.width}×${size.height}.`, {
      cause,
      remedy: 'Get a good copy with `stopsign models pull`, or name another model in `model.use`.',
    });
  }
}

export class Detector implements AsyncDisposable {
  readonly input: ModelInput;
  private readonly session: ModelSession;
  private readonly family: RecognisedFamily;
  private readonly classes: readonly string[];
  private readonly vehicles: ReadonlySet<number>;
  private readonly nmsIou: number;
  private readonly decodeOptions: DecodeOptions;
  private readonly letterbox: Letterbox;

  constructor(
    session: ModelSession,
    family: RecognisedFamily,
    input: ModelInput,
    classes: readonly string[],
    options: DetectorOptions,
  ) {
    this.session = session;
    this.family = family;
    this.input = input;
    this.classes = classes;
    this.vehicles = new Set(indexesOf(MOTOR_VEHICLES, classes));
    this.nmsIou = options.nmsIou;
    this.decodeOptions = {
      inputWidth: input.width,
      inputHeight: input.height,
      minScore: options.minScore,
      wanted: indexesOf(options.wanted ?? ROAD_USERS, classes),
    };
    this.letterbox = Letterbox.alone(input);
  }

  /**
   * Best first, at most 200. The picture is read before the model runs, so its memory is free when this returns its
   * promise. One call at a time: the input buffer is reused.
   * @param onDrawn called between drawing the picture for the model and running it
   */
  async detect(picture: YuvPicture, onDrawn?: () => void): Promise<Detection[]> {
    const at = this.letterbox.fill(picture);
    onDrawn?.();
    return await this.find(this.letterbox.data, at);
  }

  /** The same for a picture that somebody else has drawn. @param data CHW, not shared memory @param at where it lies there */
  async find(data: Float32Array<ArrayBuffer>, at: Placement): Promise<Detection[]> {
    const outputs = await this.session.run(data, this.input);
    const candidates = this.family.decode(outputs, this.decodeOptions);
    const objects = mergeVehicles(nms(candidates, this.nmsIou), this.vehicles);
    return tidyDetections(objects, at, this.classes);
  }

  close(): Promise<void> {
    return this.session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The model's own size where it has one, then the manifest's, then what suits the family. */
function inputSize(session: ModelSession, model: DetectorModel): InputSize {
  const looksLikeCenternet = session.outputRanks.length === 2 && session.outputRanks.every((rank) => rank === 4);
  const free = model.input ?? (looksLikeCenternet ? FREE_SIZES.centernet : FREE_SIZES.other);
  const size = { width: session.fixed.width ?? free.width, height: session.fixed.height ?? free.height };
  if (model.input && (size.width !== model.input.width || size.height !== model.input.height)) {
    const wish = `${model.input.width}×${model.input.height}`;
    throw new StopsignError(
      'BAD_MODEL',
      `The model ${model.path} takes ${size.width}×${size.height} only, but ${wish} was asked for.`,
      { remedy: `Write ${size.width}×${size.height} as its input.` },
    );
  }
  return size;
}

function assertClasses(recognised: RecognisedFamily, classes: readonly string[], path: string): void {
  const { classCount } = recognised;
  if (classCount === null || classCount === classes.length) return;
  throw new StopsignError(
    'BAD_MODEL',
    `The model ${path} tells ${classCount} classes apart, but ${classes.length} names are known for it.`,
    { remedy: 'Use a model trained on the 80 COCO classes, or name its classes in models/manifest.json.' },
  );
}

function indexesOf(names: readonly string[], classes: readonly string[]): number[] {
  return names.map((name) => classes.indexOf(name)).filter((index) => index >= 0);
}
