import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Programs that others wrote, and check.go over the packages that Go checks its checksum database with. Where a machine
 * has none of them the tests say so; in CI, Go has to be there.
 */
export function program(name: string, ...places: string[]): string | null {
  const folders = [...places, ...(process.env.PATH ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

const go = program('go', '/usr/lib/go-1.19/bin');
const goPackages = '/usr/share/gocode';

/** What has to be installed for `buildGoCheck`; null when all is there. */
export const noGo =
  go !== null && existsSync(join(goPackages, 'src/golang.org/x/mod/sumdb/tlog'))
    ? null
    : 'Go with golang.org/x/mod: on Debian, install golang-go and golang-golang-x-mod-dev';

/** A test's name; with what is missing, it says that too, and that it was skipped. */
export function title(name: string, missing: string | null): string {
  if (missing === null) return name;
  const skipped = `${name} (skipped, as this machine has no ${missing})`;
  console.warn(skipped);
  return skipped;
}

export type GoCheck = (...args: string[]) => { status: number | null; said: string };

/** Builds check.go in the folder. Throws with what the compiler said. */
export function buildGoCheck(folder: string): GoCheck {
  const built = join(folder, 'check');
  const source = fileURLToPath(new URL('./check.go', import.meta.url));
  const modules = realpathSync(new URL('../../../node_modules', import.meta.url));
  const env = {
    PATH: process.env.PATH,
    GO111MODULE: 'off',
    GOPATH: goPackages,
    // Kept, as it holds Go's own packages, which are compiled for the first program only.
    GOCACHE: join(modules, '.cache', 'go-build'),
    GOTOOLCHAIN: 'local',
    CGO_ENABLED: '0',
  };
  const done = spawnSync(go ?? 'go', ['build', '-o', built, source], { encoding: 'utf8', env });
  if (done.status !== 0) throw new Error(`check.go could not be built: ${done.stderr}`);
  return (...args) => {
    const ran = spawnSync(built, args, { encoding: 'utf8', timeout: 20_000 });
    return { status: ran.status, said: ran.stdout + ran.stderr };
  };
}
