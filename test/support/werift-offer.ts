/** A viewer of WHEP that is not a browser: an offer made by werift. */
import { RTCPeerConnection, RTCRtpCodecParameters } from 'werift';
import { until } from './until.ts';

export interface WeriftViewer extends AsyncDisposable {
  readonly peer: RTCPeerConnection;
  /** With all its candidates. */
  readonly offer: string;
}

export async function openWeriftViewer(onPeer: (peer: RTCPeerConnection) => void = () => {}): Promise<WeriftViewer> {
  const peer = new RTCPeerConnection({
    codecs: {
      video: [
        new RTCRtpCodecParameters({ mimeType: 'video/H264', clockRate: 90_000, parameters: 'packetization-mode=1' }),
      ],
    },
    iceServers: [],
    iceAdditionalHostAddresses: ['127.0.0.1'],
  });
  peer.addTransceiver('video', { direction: 'recvonly' });
  onPeer(peer);
  await peer.setLocalDescription(await peer.createOffer());
  await until(() => peer.iceGatheringState === 'complete', { what: 'candidates' });
  return { peer, offer: peer.localDescription?.sdp ?? '', [Symbol.asyncDispose]: () => peer.close() };
}
