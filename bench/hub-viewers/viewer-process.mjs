/**
 * A process full of WebRTC viewers, started by `../hub-viewers.mjs`: real WHEP, ICE, DTLS and SRTP by werift. What arrives is read
 * off the RTP header, which SRTP leaves in the clear; with `decrypt` every packet is decrypted too, as a browser must.
 * Messages in: {view: url, decrypt}, {measure: true}, {finish: true}. Out: {first}, {again}, {failed}, {result}.
 */
import { RTCPeerConnection, RTCRtpCodecParameters } from 'werift';

const viewers = [];
let isMeasuring = false;
process.on('disconnect', () => process.exit(0));
const now = () => performance.timeOrigin + performance.now();

process.on('message', (message) => {
  if (message.view) void view(message.view, message.decrypt);
  if (message.measure) {
    for (const viewer of viewers) viewer.reset();
    isMeasuring = true;
  }
  if (message.finish) {
    process.send({ result: viewers.map((viewer) => viewer.result()) }, () => process.exit(0));
  }
});

/** A viewer whose handshake does not succeed within this asks again, as players do. */
const PATIENCE_MS = 4_000;
const MOST_TRIES = 8;

async function view(url, decrypt, begunMs = now(), tries = 1) {
  const peer = new RTCPeerConnection({
    codecs: {
      video: [
        new RTCRtpCodecParameters({
          mimeType: 'video/H264',
          clockRate: 90_000,
          parameters: 'packetization-mode=1',
          rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
        }),
      ],
    },
    iceServers: [],
    iceAdditionalHostAddresses: ['127.0.0.1'],
    iceUseIpv6: false,
  });
  try {
    const transceiver = peer.addTransceiver('video', { direction: 'recvonly' });
    await peer.setLocalDescription(await peer.createOffer());
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: peer.localDescription.sdp,
    });
    const answer = await response.text();
    if (response.status !== 201) throw new Error(`${response.status} ${answer}`);
    const tally = new Tally(begunMs);
    const { dtlsTransport } = transceiver.receiver;
    let isTapped = false;
    dtlsTransport.onStateChange.subscribe((state) => {
      if (state === 'connected') tap();
    });
    await peer.setRemoteDescription({ type: 'answer', sdp: answer });
    function tap() {
      if (isTapped || !dtlsTransport.srtp) return;
      isTapped = true;
      const { srtp } = dtlsTransport;
      const original = srtp.decrypt.bind(srtp);
      srtp.decrypt = (packet) => {
        tally.onRtp(packet);
        return decrypt ? original(packet) : packet.subarray(0, 12);
      };
    }
    tap();
    setTimeout(async () => {
      if (tally.firstMs !== null) return;
      const state = `ICE ${peer.iceConnectionState}, ${peer.connectionState}`;
      await peer.close().catch(() => {});
      if (tries >= MOST_TRIES) process.send({ failed: `no picture (${state})` });
      else process.send({ again: state }, () => void view(url, decrypt, begunMs, tries + 1));
    }, PATIENCE_MS);
    tally.onFirst = () => {
      viewers.push(tally);
      process.send({ first: tally.firstMs });
    };
  } catch (cause) {
    process.send({ failed: String(cause) });
  }
}

class Tally {
  firstMs = null;
  onFirst = () => {};
  #begunMs;
  #seen = new Map();
  #received = 0;
  #first = null;
  #highest = null;
  #bytes = 0;
  #arrivals = [];

  constructor(begunMs) {
    this.#begunMs = begunMs;
  }

  reset() {
    this.#seen.clear();
    this.#received = 0;
    this.#first = null;
    this.#highest = null;
    this.#bytes = 0;
    this.#arrivals = [];
  }

  onRtp(packet) {
    const hasMarker = (packet[1] & 0x80) !== 0;
    if (this.firstMs === null && hasMarker) {
      this.firstMs = now() - this.#begunMs;
      this.onFirst();
    }
    if (!isMeasuring) return;
    const low = packet.readUInt16BE(2);
    const sequence = this.#highest === null ? low : this.#highest + (((low - this.#highest) << 16) >> 16);
    this.#first ??= sequence;
    if (sequence < this.#first || this.#seen.has(sequence)) return;
    this.#seen.set(sequence, true);
    if (this.#seen.size > 4_000) this.#seen.delete(this.#seen.keys().next().value);
    this.#highest = Math.max(this.#highest ?? sequence, sequence);
    this.#received += 1;
    this.#bytes += packet.length;
    if (hasMarker) this.#arrivals.push([packet.readUInt32BE(4), now()]);
  }

  result() {
    const expected = this.#first === null ? 0 : this.#highest - this.#first + 1;
    return { expected, received: this.#received, bytes: this.#bytes, arrivals: this.#arrivals };
  }
}
