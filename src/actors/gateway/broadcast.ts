/** One writer, many async readers; each reader has its own bounded queue and loses its oldest when it stays behind. */

interface Reader<T> {
  readonly queue: T[];
  readonly limit: number;
  wake: () => void;
}

export class Broadcast<T> {
  private readonly readers = new Set<Reader<T>>();

  get size(): number {
    return this.readers.size;
  }

  publish(value: T): void {
    for (const reader of this.readers) {
      reader.queue.push(value);
      if (reader.queue.length > reader.limit) reader.queue.shift();
      reader.wake();
    }
  }

  /** Everything published from this call on, until `signal` aborts. @param limit how many may wait unread */
  subscribe(signal: AbortSignal, limit: number): AsyncIterable<T> {
    const reader: Reader<T> = { queue: [], limit, wake: () => {} };
    const leave = (): void => {
      this.readers.delete(reader);
      reader.wake();
    };
    if (!signal.aborted) {
      this.readers.add(reader);
      signal.addEventListener('abort', leave, { once: true });
    }
    return read(reader, signal, () => {
      signal.removeEventListener('abort', leave);
      leave();
    });
  }
}

async function* read<T>(reader: Reader<T>, signal: AbortSignal, leave: () => void): AsyncGenerator<T, void> {
  try {
    while (!signal.aborted) {
      const value = reader.queue.shift();
      if (value !== undefined) yield value;
      else {
        await new Promise<void>((resolve) => {
          reader.wake = resolve;
        });
      }
    }
  } finally {
    leave();
  }
}
