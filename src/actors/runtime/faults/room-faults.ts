/**
 * Misbehaves on command, in a room's shell; the actors know nothing of it. Made by `openRoom` only when the house was
 * started with `--enable-faults`: otherwise none of this code runs on the thread.
 */
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { StopsignError } from '../../../errors.ts';
import type { RoomFault } from '../../../rpc/fault.ts';
import type { StatusRow } from '../../../shm/status-board.ts';
import type { Actor } from '../actor.ts';
import type { Room } from '../room.ts';
import { jumpClock } from './clock-jump.ts';

const KILLED_CODE = 86;
/** Divided by the fault's factor. */
const LEAK_EVERY_MS = 200;
/** Doubles: 4 MiB. */
const LEAK_CELLS = 524_288;
const MOST_DESCRIPTORS = 200_000;
const LONGEST_NAP_MS = 2_000;

export class RoomFaults {
  private readonly row: StatusRow;
  /** Done before the next piece of work, where nothing native is under way. */
  private due: RoomFault | null = null;
  private factor = 1;
  private isSwallowing = false;
  private isCorrupting = false;
  private isMute = false;

  constructor(row: StatusRow) {
    this.row = row;
  }

  inject(fault: RoomFault): void {
    const { kind, seconds, factor } = fault;
    const after = (undo: () => void): void => void setTimeout(undo, seconds * 1_000);
    if (kind === 'slow') {
      this.factor = factor;
      after(() => {
        this.factor = 1;
      });
    } else if (kind === 'swallow') {
      this.isSwallowing = true;
      after(() => {
        this.isSwallowing = false;
      });
    } else if (kind === 'corrupt') this.isCorrupting = true;
    else if (kind === 'mute') this.isMute = true;
    else if (kind === 'clock') jumpClock(factor, seconds);
    else if (kind === 'leak') leak(factor);
    else if (kind === 'descriptors') exhaustDescriptors(after);
    else this.due = fault;
  }

  /** The room with outputs that can be made to fail. What an actor writes to itself is left alone. */
  roomOf<Settings>(room: Room<Settings>): Room<Settings> {
    return {
      ...room,
      frameWriter: (name) => {
        const writer = room.frameWriter(name);
        const commit = writer.commit.bind(writer);
        const tryClaim = writer.tryClaim.bind(writer);
        writer.tryClaim = (header) => {
          const slot = tryClaim(header);
          this.claimed = slot;
          return slot;
        };
        writer.commit = () => {
          if (this.isSwallowing) writer.abort();
          else {
            if (this.takeCorruption()) this.claimed?.y.fill(0);
            commit();
          }
        };
        return writer;
      },
      recordWriter: (name) => {
        const writer = room.recordWriter(name);
        if (room.reads.includes(name)) return writer;
        const tryWrite = writer.tryWrite.bind(writer);
        writer.tryWrite = (type, payload) => {
          if (this.isSwallowing) return true;
          return tryWrite(type, this.takeCorruption() ? damaged(payload) : payload);
        };
        return writer;
      },
    };
  }
  private claimed: { readonly y: Uint8Array } | null = null;

  /** The actor, whose pieces of work may fail to begin or to end. */
  actorOf(actor: Actor): Actor {
    return {
      name: actor.name,
      ...(actor.commands && { commands: actor.commands }),
      onStart: () => actor.onStart?.(),
      onClose: () => actor.onClose?.(),
      onExit: () => actor.onExit?.(),
      doWork: async () => {
        this.misbehave();
        const startedMs = performance.now();
        const moved = await actor.doWork();
        if (this.factor > 1) {
          await sleep(Math.min(LONGEST_NAP_MS, (performance.now() - startedMs) * (this.factor - 1)));
        }
        return moved;
      },
    };
  }

  /** The row as the shell writes it: the heart can be made to stop. */
  rowOf(row: StatusRow): StatusRow {
    const set = row.set.bind(row);
    row.set = (cell, value) => {
      if (cell !== 'heartbeatUs' || !this.isMute) set(cell, value);
    };
    return row;
  }

  private misbehave(): void {
    const { due } = this;
    if (!due) return;
    this.due = null;
    switch (due.kind) {
      case 'kill':
        process.exit(KILLED_CODE);
        break;
      case 'throw':
        throw new StopsignError('INTERNAL', 'an injected fault: this piece of work throws.');
      case 'hang':
        for (;;);
      case 'hang-native':
        this.row.set('inNative', 1);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
  }

  private takeCorruption(): boolean {
    const { isCorrupting } = this;
    this.isCorrupting = false;
    return isCorrupting;
  }
}

/** The first half overwritten: no JSON any more. */
function damaged(payload: Uint8Array): Uint8Array {
  const copy = payload.slice();
  copy.fill(0xff, 0, Math.ceil(copy.length / 2));
  return copy;
}

/** 20 MiB a second times the factor, until V8 ends the thread or somebody else does. */
function leak(factor: number): void {
  const held: number[][] = [];
  setInterval(() => held.push(new Array<number>(LEAK_CELLS).fill(held.length + 0.5)), LEAK_EVERY_MS / factor);
}

function exhaustDescriptors(after: (undo: () => void) => void): void {
  const open: number[] = [];
  try {
    while (open.length < MOST_DESCRIPTORS) open.push(openSync('/dev/null', 'r'));
  } catch {
    // That was the last one.
  }
  after(() => {
    for (const descriptor of open) closeSync(descriptor);
  });
}
