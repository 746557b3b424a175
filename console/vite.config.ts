import { fileURLToPath } from 'node:url';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { InlineConfig } from 'vite';
import { tlogForBrowsers } from './audit/runtime/plugin.ts';

/**
 * One configuration for the build and for `vite` during development. No asset is inlined: the console is served
 * under a content policy that allows nothing but files from its own origin.
 */
const config: InlineConfig = {
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  plugins: [tlogForBrowsers(), react(), tailwind()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    target: 'es2023',
  },
  server: { proxy: { '/api': 'http://127.0.0.1:4400' } },
};

export default config;
