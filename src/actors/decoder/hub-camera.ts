/** The real camera port: the RTSP client reading one path of the hub. Made by `worker.ts`, lives on the decoder's loop. */
import { RtspClient } from '../../media/rtsp/rtsp-client.ts';
import type { StreamState } from '../../rpc/live.ts';
import type { Clock } from '../../telemetry/clock.ts';
import { askSourceError } from './hub-source.ts';
import type { Camera, CameraCounters, CameraListener } from './ports.ts';
import type { DecoderSettings } from './settings.ts';

/** The hub is near, and asking it costs nothing: it must not take long to notice that it is back. */
const HUB_BACKOFF_MS = 1_000;

export class HubCamera implements Camera {
  private readonly settings: DecoderSettings;
  private readonly clock: Clock;
  private firstEpoch: number;
  private client: RtspClient | null = null;
  private listener: CameraListener | null = null;
  private isClosed = false;
  private stateNumber = 0;

  /** @param lastEpoch of a predecessor of this thread; 0 when there was none */
  constructor(settings: DecoderSettings, lastEpoch: number, clock: Clock) {
    this.settings = settings;
    this.clock = clock;
    this.firstEpoch = Math.max(lastEpoch + 1, Math.floor(clock.nowUs() / 1e6));
  }

  open(listener: CameraListener): void {
    this.listener = listener;
    this.client ??= new RtspClient({
      url: this.settings.url,
      clock: this.clock,
      firstEpoch: this.firstEpoch,
      stallMs: this.settings.sourceStallMs,
      maxBackoffMs: HUB_BACKOFF_MS,
      onUnit: (unit) => listener.onUnit(unit),
      onSenderReport: (report) => listener.onSenderReport(report),
      onState: ({ state, detail }) => void this.report(listener, state, detail),
    });
    this.client.start();
  }

  /**
   * The hub answers "no such stream" when the camera behind it cannot be reached; what keeps it from the camera is the
   * better explanation.
   */
  private async report(listener: CameraListener, state: StreamState, detail: string | null): Promise<void> {
    this.stateNumber += 1;
    const number = this.stateNumber;
    const cause = state === 'online' || detail === null ? null : await askSourceError(this.settings, detail);
    // What came meanwhile is newer.
    if (number === this.stateNumber) listener.onState(state, cause ?? detail);
  }

  /** A session that goes on and shows nothing new: another one, with the next epoch. */
  reopen(): void {
    const { client, listener } = this;
    if (!client || !listener) return;
    this.client = null;
    void client.close().then(() => {
      if (this.isClosed) return;
      this.firstEpoch = Math.max(client.epoch + 1, Math.floor(this.clock.nowUs() / 1e6));
      this.open(listener);
    });
  }

  counters(): CameraCounters {
    return this.client?.counters ?? { sequenceGaps: 0, reconnects: 0, lostPackets: 0, skippedUnits: 0 };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.client?.close();
    this.stateNumber += 1;
  }
}
