import { fileURLToPath } from 'node:url';
import { normalizePath, type Plugin } from 'vite';

const here = normalizePath(fileURLToPath(new URL('.', import.meta.url)));
const tlog = normalizePath(fileURLToPath(new URL('../../../libs/tlog/', import.meta.url)));
const replaced: readonly string[] = ['./sha256.ts', './ed25519.ts'];

/** libs/tlog for browsers: in the place of Node's cryptography stands that of this folder, and a `Buffer` is put in. */
export function tlogForBrowsers(): Plugin {
  return {
    name: 'tlog-for-browsers',
    enforce: 'pre',
    resolveId(source, importer) {
      const ours = importer !== undefined && normalizePath(importer).startsWith(tlog);
      return ours && replaced.includes(source) ? `${here}${source.slice('./'.length)}` : null;
    },
    transform(code, id) {
      const ours = [here, tlog].some((folder) => normalizePath(id).startsWith(folder));
      // With the slash it is the package; without, what Node has built in.
      return ours && /\bBuffer\b/.test(code)
        ? { code: `import { Buffer } from 'buffer/'; ${code}`, map: null }
        : null;
    },
  };
}
