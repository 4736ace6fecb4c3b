/** The UDP port that all viewers share: whose a datagram is when somebody lies about where he is. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { classes, Message, methods } from 'werift';
import { type MuxLane, UdpMux } from '../../../../src/media/hub/udp-mux.ts';
import { until } from '../../../support/until.ts';

function lane(ufrag: string): MuxLane & { readonly heard: string[] } {
  const heard: string[] = [];
  return {
    ufrag,
    password: `${ufrag}-password-of-22-letters`,
    heard,
    hasAsked: () => false,
    onData: (data) => void heard.push((data[0] ?? 0) < 4 ? 'check' : data.toString('latin1', 1)),
  };
}

/** A signed check for that lane. */
function check({ ufrag, password }: MuxLane): Buffer {
  const message = new Message(methods.BINDING, classes.REQUEST);
  message.setAttribute('USERNAME', `${ufrag}:x`).setAttribute('PRIORITY', 1);
  return message.addMessageIntegrity(Buffer.from(password)).addFingerprint().bytes;
}

const media = (text: string) => Buffer.from(`\x80${text}`, 'latin1');

async function openMux() {
  let nowMs = 0;
  const mux = await UdpMux.open(0, () => nowMs);
  const browser = createSocket('udp4');
  browser.bind(0, '127.0.0.1');
  await once(browser, 'listening');
  return {
    mux,
    say: (data: Buffer, from = browser) =>
      new Promise<void>((resolve) => from.send(data, mux.port, '127.0.0.1', () => resolve())),
    pass: (ms: number) => {
      nowMs += ms;
    },
    async [Symbol.asyncDispose]() {
      browser.close();
      await mux.close();
    },
  };
}

describe('the UDP port of all viewers', () => {
  it('leaves a viewer his address when another session claims to be there', async () => {
    await using port = await openMux();
    const [victim, thief] = [lane('victim'), lane('thief')];
    port.mux.add(victim);
    port.mux.add(thief);
    // The same socket for both: a forged source address looks like that.
    await port.say(check(victim));
    await port.say(check(thief));
    await port.say(media('from the viewer'));
    await until(() => victim.heard.length + thief.heard.length >= 2, { what: 'the viewer' });
    expect([victim.heard, thief.heard]).toEqual([['check', 'from the viewer'], []]);
  });

  it('gives an address to the next session when the one before is silent or gone', async () => {
    await using port = await openMux();
    const [first, second, third] = [lane('first'), lane('second'), lane('third')];
    for (const each of [first, second, third]) port.mux.add(each);
    await port.say(check(first));
    await until(() => first.heard.length === 1, { what: 'the first' });
    port.pass(10_000);
    await port.say(check(second));
    await port.say(media('of the second'));
    await until(() => second.heard.length === 2, { what: 'the second' });
    port.mux.remove(second);
    await port.say(check(third));
    await port.say(media('of the third'));
    await until(() => third.heard.length === 2, { what: 'the third' });
    expect(first.heard).toEqual(['check']);
    expect(third.heard).toEqual(['check', 'of the third']);
  });

  it('hears one session from 32 addresses, and keeps the first of them', async () => {
    await using port = await openMux();
    const viewer = lane('viewer');
    port.mux.add(viewer);
    await port.say(check(viewer));
    const more = Array.from({ length: 40 }, () => createSocket('udp4'));
    for (const socket of more) await port.say(check(viewer), socket);
    await port.say(media('the first'));
    await until(() => viewer.heard.includes('the first'), { what: 'the first address' });
    for (const socket of more) socket.close();
    expect(viewer.heard.filter((what) => what === 'check')).toHaveLength(32);
  });
});
