/** The hub's one UDP port, and its farewell, with a real browser. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { type Clip, makeClip } from '../support/clip.ts';
import { openHub, pushClip, untilReady } from '../support/hub.ts';
import { until } from '../support/until.ts';

let clip: Clip;
let browser: Browser;
beforeAll(async () => {
  clip = await makeClip({ codec: 'h264', fps: 25, frames: 25 });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await clip?.[Symbol.asyncDispose]();
});

interface Watched {
  peer: RTCPeerConnection;
  answer: string;
}

/** Plays by hand what the page's player plays; what it sees stands in `window.watched`. */
async function watch(url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.evaluate(async (whepUrl) => {
    const peer = new RTCPeerConnection();
    peer.addTransceiver('video', { direction: 'recvonly' });
    await peer.setLocalDescription(await peer.createOffer());
    await new Promise<void>((resolve) => {
      const look = () => peer.iceGatheringState === 'complete' && resolve();
      peer.onicegatheringstatechange = look;
      look();
    });
    const headers = { 'Content-Type': 'application/sdp' };
    const response = await fetch(whepUrl, { method: 'POST', headers, body: peer.localDescription?.sdp ?? '' });
    const answer = await response.text();
    await peer.setRemoteDescription({ type: 'answer', sdp: answer });
    Object.assign(window, { watched: { peer, answer } });
  }, `${url}/cam/whep`);
  return page;
}

const framesOf = (page: Page) =>
  page.evaluate(async () => {
    const { peer } = (window as never as { watched: Watched }).watched;
    let frames = 0;
    for (const stats of (await peer.getStats()).values()) frames += stats.framesDecoded ?? 0;
    return frames;
  });

describe('the hub and a real browser', () => {
  it('shows two of them the camera through one port, and tells both at once when the camera has gone', async () => {
    await using hub = await openHub({ webrtcUdpPort: 0 });
    await using push = pushClip(clip.path, `${hub.urls.rtsp}/cam`);
    await untilReady(hub.urls, 'cam');
    const pages = [await watch(hub.urls.webrtc), await watch(hub.urls.webrtc)];
    for (const page of pages)
      await until(async () => (await framesOf(page)) > 10, { what: 'pictures', timeoutMs: 15_000, everyMs: 100 });
    const ports = await Promise.all(
      pages.map((page) =>
        page.evaluate(() => {
          const { answer } = (window as never as { watched: Watched }).watched;
          return [...answer.matchAll(/^a=candidate:\S+ \d udp \d+ \S+ (\d+)/gm)].map(([, port]) => port);
        }),
      ),
    );
    expect(new Set(ports.flat()).size).toBe(1);

    await push.kill();
    const state = (page: Page) =>
      page.evaluate(() => {
        const { peer } = (window as never as { watched: Watched }).watched;
        return [peer.getReceivers()[0]?.transport?.state, peer.connectionState];
      });
    // Without a farewell both would be "connected" for half a minute.
    for (const page of pages) {
      await until(async () => (await state(page))[0] === 'closed', { what: 'the farewell', timeoutMs: 5_000 });
      await page.close();
    }
  });
});
