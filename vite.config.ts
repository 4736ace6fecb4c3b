/** The web app: sources in src/web, bundle in dist/web, which the gateway serves. `npx vite` proxies to a running gateway. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import solid from 'vite-plugin-solid';

const gateway = process.env['STOPSIGN_GATEWAY'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: fileURLToPath(new URL('src/web', import.meta.url)),
  plugins: [solid()],
  build: {
    outDir: fileURLToPath(new URL('dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // Only hls.js is larger, and it is loaded when WebRTC does not get through.
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: {
      '/trpc': gateway,
      '/media': gateway,
      '/truth': gateway,
      '/evidence': gateway,
      '/ws': { target: gateway, ws: true },
    },
  },
});
