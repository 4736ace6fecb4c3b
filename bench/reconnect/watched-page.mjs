/**
 * A page of the house in a real browser that notes what a person would see: every displayed frame, when the page says that the
 * picture stands still, and everything the compositor paints. Used by bench/reconnect.mjs.
 */
import sharp from 'sharp';

/** A picture is black when nearly all of it is darker than this in every channel; the page's own ground is #0a0d10. */
const DARK = 20;
const BLACK_SHARE = 0.95;

/** @param path given: the video goes through it, too */
export async function openWatchedPage(browser, url, { path, isHls = false } = {}) {
  const context = await browser.newContext({ viewport: { width: 1_000, height: 700 } });
  const page = await context.newPage();
  if (path) await page.exposeFunction('__relay', (port) => path.relay(port));
  if (isHls) {
    const refusal = { status: 400, contentType: 'application/json', body: '{"status":"error","error":"not today"}' };
    await page.route('**/whep', (route) => route.fulfill(refusal));
  }
  await page.addInitScript(noteEverything, { isRelayed: Boolean(path) });
  await page.goto(url, { waitUntil: 'commit' });
  const read = () => page.evaluate(() => ({ ...window.__bench, nowMs: performance.timeOrigin + performance.now() }));
  return {
    page,
    read,
    /** What is painted from now on, until the function it resolves to is called: that tells when it was black. */
    async watchPaint() {
      const session = await context.newCDPSession(page);
      const pictures = [];
      session.on('Page.screencastFrame', ({ data, metadata, sessionId }) => {
        pictures.push({ atMs: metadata.timestamp * 1_000, data });
        session.send('Page.screencastFrameAck', { sessionId }).catch(() => {});
      });
      const options = { format: 'jpeg', quality: 60, maxWidth: 500, maxHeight: 350, everyNthFrame: 1 };
      await session.send('Page.startScreencast', options);
      const stage = await page.locator('.stage').boundingBox();
      return async () => {
        await session.send('Page.stopScreencast');
        await session.detach();
        const black = [];
        for (const { atMs, data } of pictures) if (await isBlack(Buffer.from(data, 'base64'), stage)) black.push(atMs);
        return { painted: pictures.length, black };
      };
    },
    close: () => page.close({ runBeforeUnload: false }).then(() => context.close()),
  };
}

/** @param stage in the pixels of a page 1,000 wide */
async function isBlack(jpeg, stage) {
  const { width } = await sharp(jpeg).metadata();
  const scale = width / 1_000;
  const [left, top, w, h] = [stage.x, stage.y, stage.width, stage.height].map((value) => Math.round(value * scale));
  const height = Math.min(h, Math.round(700 * scale) - top) - 4;
  const region = { left: left + 2, top: top + 2, width: w - 4, height };
  const { data, info } = await sharp(jpeg).extract(region).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let dark = 0;
  for (let i = 0; i < data.length; i += info.channels) {
    if (data[i] < DARK && data[i + 1] < DARK && data[i + 2] < DARK) dark += 1;
  }
  return dark / (info.width * info.height) > BLACK_SHARE;
}

/** In the page, before any of its code. Times are UTC ms. */
function noteEverything({ isRelayed }) {
  const nowMs = () => performance.timeOrigin + performance.now();
  const bench = { startMs: performance.timeOrigin, offers: [], frames: [], stops: [], playlistMs: null };
  window.__bench = bench;
  const plainFetch = window.fetch.bind(window);
  window.fetch = async (url, init) => {
    const method = init?.method;
    const isWhep = String(url).includes('/whep');
    if (isWhep && method === 'POST') bench.offers.push(nowMs());
    if (!isRelayed || !isWhep) return plainFetch(url, init);
    // The hub shall know no way to the browser but the one through the relay.
    if (method === 'PATCH') return new Response(null, { status: 204 });
    const response = await plainFetch(url, init);
    if (response.status !== 201) return response;
    const lines = (await response.text()).split('\r\n');
    const ways = lines.map(async (line) => {
      const [, head, port, tail] = /^(a=candidate:\S+ \d+ udp \d+ \S+ )(\d+)( .*)$/i.exec(line) ?? [];
      return port === undefined ? line : `${head}${await window.__relay(Number(port))}${tail}`;
    });
    return new Response((await Promise.all(ways)).join('\r\n'), { status: 201, headers: response.headers });
  };
  new PerformanceObserver((list) => {
    const playlist = list.getEntries().find(({ name }) => name.includes('/index.m3u8'));
    if (playlist) bench.playlistMs ??= performance.timeOrigin + playlist.startTime;
  }).observe({ type: 'resource', buffered: true });
  let video = null;
  let wasPlaying = false;
  const onFrame = () => {
    bench.frames.push(nowMs());
    video?.requestVideoFrameCallback(onFrame);
  };
  const look = () => {
    const found = document.querySelector('[data-testid=player]');
    if (found && found !== video) {
      video = found;
      video.requestVideoFrameCallback(onFrame);
    }
    const isPlaying = document.querySelector('.stage.is-playing') !== null;
    if (wasPlaying && !isPlaying) bench.stops.push(nowMs());
    wasPlaying = isPlaying;
  };
  new MutationObserver(look).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ['class'],
  });
}
