// Runs on any Node from 18 on: finds (or installs) what the real program needs. Only built-ins here.
import { spawn, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NEEDED = [24, 12];

function recentEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

/**
 * Installs the locked packages when they are missing, or when the lock file changed after the last installation: npm
 * writes `.package-lock.json` at the end of each.
 */
export function installWhatIsMissing() {
  const lock = statSync(join(root, 'package-lock.json'), { throwIfNoEntry: false });
  const installed = statSync(join(root, 'node_modules', '.package-lock.json'), { throwIfNoEntry: false });
  if (lock === undefined || (installed !== undefined && installed.mtimeMs >= lock.mtimeMs)) return;
  process.stderr.write('Installing the locked packages (npm ci); this happens once.\n');
  const done = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status === 0) return;
  process.stderr.write('Installing failed. See the lines above; then run "npm ci" in this folder.\n');
  process.exit(1);
}

/** The Node to run on: this one if recent enough, else the one that came with the packages. */
export function findNode() {
  if (recentEnough(process.versions.node)) return process.execPath;
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  try {
    const require = createRequire(join(root, 'package.json'));
    const folder = dirname(require.resolve(`${name}/package.json`));
    return join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  } catch {
    process.stderr.write(
      `Drawbridge needs Node ${NEEDED.join('.')} or newer; this is ${process.versions.node}, and there is no bundled one for ${process.platform}-${process.arch}. Install Node 24 and try again.\n`,
    );
    process.exit(1);
  }
}

/** Runs a TypeScript file of this project on the right Node and ends as it ends. */
export function run(file, args) {
  const node = findNode();
  // A library asks at its start what WebCrypto can do, and Node warns of every answer.
  const quiet = '--disable-warning=ExperimentalWarning';
  const child = spawn(node, [quiet, join(root, file), ...args], {
    stdio: 'inherit',
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'compile'),
      PATH: `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}`,
    },
  });
  // A terminal's Ctrl-C reaches the child by itself; what is sent to this process alone is passed on.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
  child.on('error', (error) => {
    process.stderr.write(`Could not start ${node}: ${error.message}\n`);
    process.exit(1);
  });
}
