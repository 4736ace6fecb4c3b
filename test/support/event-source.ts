/** As much of EventSource as tRPC's client needs, over fetch: Node 20 has none. It does not reconnect. */

type Listener = (event: Event) => void;

export class FetchEventSource {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;
  readonly url: string;
  readyState = 0;
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly abort = new AbortController();

  constructor(url: string | URL, init: { headers?: Record<string, string> } = {}) {
    this.url = String(url);
    this.run(init.headers ?? {}).catch(() => {
      if (this.readyState !== 2) this.emit('error', {});
    });
  }

  addEventListener(type: string, listener: Listener): void {
    const known = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, known.add(listener));
  }
  removeEventListener(type: string, listener: Listener): void {
    this.listeners.get(type)?.delete(listener);
  }
  close(): void {
    this.readyState = 2;
    this.abort.abort();
  }

  private emit(type: string, fields: object): void {
    for (const listener of this.listeners.get(type) ?? []) listener(Object.assign(new Event(type), fields));
  }

  private async run(headers: Record<string, string>): Promise<void> {
    const response = await fetch(this.url, {
      headers: { accept: 'text/event-stream', ...headers },
      signal: this.abort.signal,
    });
    if (!response.ok || !response.body) {
      this.readyState = 2;
      return this.emit('error', { status: response.status });
    }
    this.readyState = 1;
    this.emit('open', {});
    const decoder = new TextDecoder();
    let pending = '';
    for await (const chunk of response.body) {
      pending += decoder.decode(chunk as Uint8Array, { stream: true });
      const events = pending.split('\n\n');
      pending = events.pop() ?? '';
      for (const event of events) this.dispatch(event);
    }
  }

  private dispatch(text: string): void {
    const fields = new Map(
      text.split('\n').map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trimStart()] as const;
      }),
    );
    const data = fields.get('data');
    if (data === undefined) return;
    this.emit(fields.get('event') ?? 'message', { data, lastEventId: fields.get('id') ?? '' });
  }
}
