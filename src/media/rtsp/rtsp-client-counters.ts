/** What an RTSP client has seen since it was made, over all its sessions. Written by the client, read by its room. */
export interface RtspClientCounters {
  /** RTP packets of the video track. */
  packets: number;
  /** Places where packets were missing. */
  sequenceGaps: number;
  /** RTP or RTCP packets that were broken. */
  malformed: number;
  /** Access units handed out. */
  units: number;
  /** Access units that were incomplete or broken. */
  droppedUnits: number;
  /** Sessions that ended, or could not be opened, and were tried again. */
  reconnects: number;
  senderReports: number;
}

export function zeroCounters(): RtspClientCounters {
  return {
    packets: 0,
    sequenceGaps: 0,
    malformed: 0,
    units: 0,
    droppedUnits: 0,
    reconnects: 0,
    senderReports: 0,
  };
}
