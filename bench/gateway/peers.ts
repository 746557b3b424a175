import { execFile, execFileSync } from 'node:child_process';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startOn } from './measure.ts';

const run = promisify(execFile);

/** What is put under load: where, with which key and headers, and which processes its cost is read from. */
export interface Target {
  name: string;
  url: string;
  key: string;
  /** Lines `Name: value` that it needs besides. */
  headers: string;
  pids: number[];
  stop(): Promise<void>;
}

const here = (name: string): string => fileURLToPath(new URL(`./${name}`, import.meta.url));

/** One of this bench's own programs, on a core of its own. */
export async function ownProxy(
  core: number,
  name: string,
  file: string,
  parameters: readonly string[],
  path: string,
  nodeOptions: readonly string[] = [],
): Promise<Target> {
  const started = await startOn(core, here(file), parameters, {}, nodeOptions);
  return {
    name,
    url: `http://127.0.0.1:${started.port}${path}`,
    key: started.key,
    headers: '',
    pids: [started.pid],
    stop: started.stop,
  };
}

export function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`]);
    return true;
  } catch {
    return false;
  }
}

/** nginx with one worker, keep-alive both ways and no buffering, so that streams pass as they come. */
export async function nginx(core: number, folder: string, upstream: number, path: string): Promise<Target> {
  const root = join(folder, 'nginx');
  await mkdir(root, { recursive: true });
  const port = await freePort();
  const config = `
worker_processes 1; daemon off; pid ${root}/pid; error_log ${root}/error.log;
events { worker_connections 1024; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((each) => `${each}_temp_path ${root}/${each};`).join(' ')}
  client_body_buffer_size 64k; proxy_buffering off;
  upstream vendor { server 127.0.0.1:${upstream}; keepalive 128; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port}; keepalive_requests 1000000000;
    location / { proxy_pass http://vendor; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}`;
  await writeFile(join(root, 'nginx.conf'), config);
  const started = await startOn(core, here('nginx.ts'), [join(root, 'nginx.conf'), String(port)]);
  const workers = execFileSync('sh', ['-c', `pgrep -P $(cat ${root}/pid)`]);
  return {
    name: 'nginx',
    url: `http://127.0.0.1:${port}${path}`,
    key: 'none',
    headers: '',
    pids: workers.toString().trim().split('\n').map(Number),
    stop: started.stop,
  };
}

/** The versions with which its streams work: the ones it was released with. */
const PORTKEY = {
  private: true,
  dependencies: { '@portkey-ai/gateway': '1.15.2' },
  overrides: { '@hono/node-server': '1.13.5', hono: '4.9.7' },
};

/**
 * Portkey's gateway from the npm registry, on this Node. It is no dependency of ours: it is installed once into the
 * user's cache, without install scripts. Null where the registry does not answer.
 */
export async function portkey(core: number, upstream: number, path: string): Promise<Target | null> {
  const folder = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    'drawbridge-bench',
    `portkey-${PORTKEY.dependencies['@portkey-ai/gateway']}`,
  );
  if (!(await installed(folder))) return null;
  const started = await startOn(core, here('portkey.ts'), [folder, String(await freePort())], {
    NODE_ENV: 'production',
  });
  return {
    name: 'Portkey',
    url: `http://127.0.0.1:${started.port}${path}`,
    key: 'none',
    headers: `x-portkey-provider: openai\nx-portkey-custom-host: http://127.0.0.1:${upstream}/v1`,
    pids: [started.pid],
    stop: started.stop,
  };
}

async function installed(folder: string): Promise<boolean> {
  const file = join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js');
  const isThere = (): Promise<boolean> =>
    access(file).then(
      () => true,
      () => false,
    );
  if (await isThere()) return true;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify(PORTKEY));
  try {
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
  } catch (cause) {
    process.stderr.write(
      `Portkey could not be installed and is left out: ${cause instanceof Error ? cause.message.split('\n')[0] : 'unknown'}\n`,
    );
  }
  return isThere();
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', resolve);
  });
  const address = probe.address();
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no free port was given');
  return address.port;
}
