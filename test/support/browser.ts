/** Debian's Chromium, headless, with nothing that reaches for the network. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CANDIDATES = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  // Host candidates are otherwise hidden behind .local names that nobody here resolves.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

export async function openBrowser(): Promise<Browser> {
  const executablePath = CANDIDATES.find((path) => path !== '' && existsSync(path));
  if (!executablePath) throw new Error('no Chromium on this machine: npm test installs it');
  return chromium.launch({ executablePath, args: FLAGS });
}
