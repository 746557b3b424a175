import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const dist = join(root, 'dist');
/** What the bundle is made of besides the console itself. */
const neighbours = ['../protocol', '../libs/minimise', '../libs/jsonedit', '../libs/tlog'].map((path) =>
  join(root, path),
);
const lock = join(root, '../package-lock.json');
const notBuilt = /^(node_modules|dist|testing|README\.md|.*\.test\.tsx?|\..*)$/;
const built = /\.(tsx?|css|html|js|svg|json)$/;

async function sourceFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const nested = await Promise.all(
    entries
      .filter((entry) => !notBuilt.test(entry.name))
      .map((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return sourceFiles(path);
        return Promise.resolve(built.test(entry.name) ? [path] : []);
      }),
  );
  return nested.flat().sort();
}

/** Every file that the bundle is made of, with the versions of the packages in it. */
export async function bundleSources(): Promise<string[]> {
  const found = (await Promise.all([root, ...neighbours].map(sourceFiles))).flat();
  return existsSync(lock) ? [...found, lock] : found;
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const file of await bundleSources()) {
    hash.update(`${relative(root, file)}\n`).update(await readFile(file));
  }
  return hash.digest('hex');
}

async function stampOf(folder: string): Promise<string | null> {
  const path = join(folder, '.stamp');
  return existsSync(path) ? readFile(path, 'utf8') : null;
}

async function replaceFolder(fresh: string): Promise<void> {
  const old = join(root, `.dist-old-${process.pid}`);
  if (existsSync(dist)) await rename(dist, old);
  await rename(fresh, dist);
  await rm(old, { recursive: true, force: true });
}

async function build(): Promise<string> {
  const wanted = await sourceHash();
  if ((await stampOf(dist)) === wanted) return dist;
  // Loaded only when something has to be built: a start with a fresh bundle does not pay for Vite.
  const [vite, { default: config }] = await Promise.all([import('vite'), import('./vite.config.ts')]);
  const fresh = join(root, `.dist-new-${process.pid}`);
  const environment = process.env.NODE_ENV;
  // Vite takes this before its mode: under a test runner it would bundle React's development build.
  process.env.NODE_ENV = 'production';
  try {
    await vite.build({
      ...config,
      configFile: false,
      mode: 'production',
      logLevel: 'warn',
      build: { ...config.build, outDir: fresh },
    });
  } finally {
    if (environment === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = environment;
  }
  await writeFile(join(fresh, '.stamp'), wanted);
  if ((await stampOf(dist)) === wanted) {
    await rm(fresh, { recursive: true, force: true });
  } else {
    await replaceFolder(fresh);
  }
  return dist;
}

let running: Promise<string> | undefined;

/**
 * Builds the console when its sources changed since the last build, and gives the folder to serve.
 * Safe to call from several processes at once: each builds aside and swaps the finished folder in.
 */
export function buildConsole(): Promise<string> {
  running ??= build().finally(() => {
    running = undefined;
  });
  return running;
}
