/** What an RTSP client has seen since it was made, over all its sessions. Written by the client, read by its room. */
export interface RtspClientCounters {
  /** RTP packets of the video track. */
  packets: number;
  /** Places where packets were missing. */
  sequenceGaps: number;
  /** Packets missing in all of them. */
  lostPackets: number;
  /** RTP or RTCP packets that were broken. */
  malformed: number;
  /** Access units handed out. */
  units: number;
  /** Access units that were incomplete or broken. */
  droppedUnits: number;
  /** Whole access units that were left out because they refer to what a gap took: up to the next key unit. */
  skippedUnits: number;
  /** Sessions that ended, or could not be opened, and were tried again. */
  reconnects: number;
  senderReports: number;
}

export function zeroCounters(): RtspClientCounters {
  return {
    packets: 0,
    sequenceGaps: 0,
    lostPackets: 0,
    malformed: 0,
    units: 0,
    droppedUnits: 0,
    skippedUnits: 0,
    reconnects: 0,
    senderReports: 0,
  };
}
