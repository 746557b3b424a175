/** Pure rules about package-lock.json (format 3): which optional packages it should list and does not, and what to list. */

export interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/** An optional dependency that has no entry of its own. */
export interface Gap {
  readonly name: string;
  /** As the dependant names it: a version, since platform packages are pinned by their makers. */
  readonly version: string;
  /** Where its entry belongs. */
  readonly path: string;
  /** Whether only development needs it. */
  readonly dev: boolean;
}

/** Which machines a package is for, in npm's words. */
export interface Platform {
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

export interface PackageFacts extends Platform {
  readonly integrity?: string;
  readonly license?: string;
  readonly engines?: Readonly<Record<string, string>>;
}

/**
 * npm writes no entry for a platform package that the registry it was run against does not have, and then "npm ci" against
 * a registry that has it says "Missing … from lock file". These are the packages it would name.
 */
export function findGaps(lock: Lockfile): Gap[] {
  const gaps = new Map<string, Gap>();
  for (const [dependant, entry] of Object.entries(lock.packages))
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const found = resolveFrom(dependant, name, lock);
      if (found !== undefined && (!isExact(version) || lock.packages[found]?.version === version)) continue;
      const path = found === undefined ? `node_modules/${name}` : `${dependant}/node_modules/${name}`;
      const dev = (gaps.get(path)?.dev ?? true) && entry.dev === true;
      gaps.set(path, { name, version, path, dev });
    }
  return [...gaps.values()];
}

/** Node's own look-up: beside the dependant, then in every node_modules above it. */
function resolveFrom(dependant: string, name: string, lock: Lockfile): string | undefined {
  const steps = dependant.split('/');
  for (let length = steps.length; length >= 0; length--) {
    const path = [...steps.slice(0, length).filter(Boolean), 'node_modules', name].join('/');
    if (lock.packages[path] !== undefined) return path;
  }
  return undefined;
}

export function isExact(version: string): boolean {
  return /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version);
}

/** Addresses that other machines can't reach or should not trust. */
export function foreignAddresses(lock: Lockfile): string[] {
  return Object.entries(lock.packages).flatMap(([path, { resolved, link }]) =>
    link || resolved === undefined || resolved.startsWith('https://registry.npmjs.org/') ? [] : [path],
  );
}

/** Optional entries that were written without the registry's word on their content. */
export function withoutIntegrity(lock: Lockfile): Gap[] {
  return Object.entries(lock.packages).flatMap(([path, entry]) => {
    const { optional, integrity, link, version, dev } = entry;
    if (!optional || link || integrity !== undefined || version === undefined) return [];
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return [{ name, version, path, dev: dev === true }];
  });
}

/** The lock file with these entries added or replaced, in npm's order of paths and fields. */
export function withEntries<L extends Lockfile>(lock: L, additions: ReadonlyMap<string, LockEntry>): L {
  const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(additions) });
  packages.sort(([one], [two]) => one.localeCompare(two, 'en'));
  return { ...lock, packages: Object.fromEntries(packages) };
}

/**
 * The dependencies of a platform package are left out on purpose: only WebAssembly builds have any, npm takes an entry's
 * word for it, and to name some would open the next gap.
 */
export function entryFor({ name, version, dev }: Gap, facts: PackageFacts | undefined): LockEntry {
  const { os, cpu, libc } = facts ?? platformFromName(name);
  return {
    version,
    ...(facts?.integrity && { integrity: facts.integrity }),
    ...(cpu && { cpu }),
    ...(dev && { dev }),
    ...(libc && { libc }),
    ...(facts?.license && { license: facts.license }),
    optional: true,
    ...(os && { os }),
    ...(facts?.engines && { engines: facts.engines }),
  };
}

const operatingSystems = new Map([
  ...[
    'aix',
    'android',
    'darwin',
    'freebsd',
    'linux',
    'netbsd',
    'openbsd',
    'openharmony',
    'sunos',
    'win32',
  ].map((name) => [name, name] as const),
  ['win', 'win32'],
  ['windows', 'win32'],
]);

const processors = new Set([
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'mips64el',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
]);

const cLibraries = new Map([
  ['gnu', 'glibc'],
  ['gnueabihf', 'glibc'],
  ['musl', 'musl'],
  ['musleabihf', 'musl'],
]);

/** From names such as `@oxc-parser/binding-linux-arm-musleabihf`: empty where the name tells nothing. */
export function platformFromName(name: string): Platform {
  const words = name.split(/[-/.]/);
  const os = words.flatMap((word) => operatingSystems.get(word) ?? []).at(-1);
  const cpu = words.filter((word) => processors.has(word)).at(-1);
  const libc = words.flatMap((word) => cLibraries.get(word) ?? []).at(-1);
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), ...(libc && { libc: [libc] }) };
}
