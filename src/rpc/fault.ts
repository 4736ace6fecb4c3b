/**
 * Faults that can be injected on purpose, to see the house recover: what may be asked for, and how it travels from the
 * command line over the API to a room's thread or to the launcher. Only with `stopsign up --enable-faults`.
 */
import { z } from 'zod';

/** What can be done to an actor's thread. */
export const ROOM_FAULTS = [
  /** The thread ends itself. */
  'kill',
  /** The next piece of work throws. */
  'throw',
  /** The next piece of work never ends, in JavaScript. */
  'hang',
  /** … inside what counts as native code, where the thread must not be terminated. */
  'hang-native',
  /** Every piece of work takes `factor` times as long. */
  'slow',
  /** Input is taken, output is thrown away. */
  'swallow',
  /** One record is damaged on its way out (of a decoder: one picture). */
  'corrupt',
  /** The thread's heap grows until its limit, by `factor` × 20 MiB a second. */
  'leak',
  /** The work goes on, the heartbeat does not. */
  'mute',
  /** No file or socket can be opened in the whole process. */
  'descriptors',
  /** The time of day jumps ahead by `factor` minutes, and back after `seconds`; of `supervisor`: in the whole process. */
  'clock',
] as const;

/** What can be done to a process of the house; `hang`: it is frozen, `stop`: it is ended in order and kept away. */
export const PROCESS_FAULTS = ['kill', 'hang', 'stop'] as const;
/** What the virtual camera does for a while, as another session; it goes on sending. */
export const CAMERA_FAULTS = [
  /** The same picture again and again. */
  'freeze',
  /** A stream whose bytes are partly rubbish. */
  'garbage',
  /** A picture of another size and shape. */
  'resize',
] as const;
export const PARTS = ['analyzer', 'hub', 'camera', 'postgres'] as const;

export type RoomFaultKind = (typeof ROOM_FAULTS)[number];
export type CameraFaultKind = (typeof CAMERA_FAULTS)[number];
export type PartFaultKind = (typeof PROCESS_FAULTS)[number] | CameraFaultKind;
export type Part = (typeof PARTS)[number];

const PART_FAULTS: Readonly<Record<Part, readonly PartFaultKind[]>> = {
  analyzer: PROCESS_FAULTS,
  hub: PROCESS_FAULTS,
  camera: [...PROCESS_FAULTS, ...CAMERA_FAULTS],
  // The database is never ended by force: see launcher/database-part.ts.
  postgres: ['stop'],
};

/** What can be done to a part of the house. */
export const faultsOf = (part: Part): readonly PartFaultKind[] => PART_FAULTS[part];

export const faultSchema = z.strictObject({
  /** An actor's name (`inference`, `tracker:front`), `supervisor` (`hang`, `clock`), or a part of the house. */
  room: z.string().min(1).max(60),
  kind: z.enum([...ROOM_FAULTS, 'stop', ...CAMERA_FAULTS]),
  /** How long those faults last that pass by themselves. */
  seconds: z.number().min(0.1).max(600).default(10),
  /** Of `slow`, `leak` and `clock`. */
  factor: z.number().min(1).max(1_000).default(10),
});

export type FaultRequest = z.infer<typeof faultSchema>;
export type RoomFault = Pick<FaultRequest, 'seconds' | 'factor'> & { readonly kind: RoomFaultKind };

/** analyzer → launcher, over the channel between the two processes. */
export interface PartFault {
  readonly type: 'fault';
  readonly part: Part;
  readonly kind: PartFaultKind;
  readonly seconds: number;
}

export const partFaultSchema = z.strictObject({
  type: z.literal('fault'),
  part: z.enum(PARTS),
  kind: z.enum([...PROCESS_FAULTS, ...CAMERA_FAULTS]),
  seconds: z.number().min(0.1).max(600),
});

export const isCameraFault = (kind: PartFaultKind): kind is CameraFaultKind =>
  CAMERA_FAULTS.some((fault) => fault === kind);
export const isPart = (room: string): room is Part => PARTS.some((part) => part === room);
