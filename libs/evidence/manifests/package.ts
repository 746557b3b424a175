import type { Grade, Traces } from '../trace.ts';

export type Registry = 'npm' | 'pypi' | 'go' | 'maven' | 'rubygems' | 'packagist' | 'cargo' | 'nuget';

/** What a file says of one package. `dev`: it is needed to build or test, and not where the product runs. */
export interface Package {
  registry: Registry;
  name: string;
  grade: Grade;
  line: number;
  dev?: boolean;
}

const NAME = /^[A-Za-z0-9@_~][A-Za-z0-9@._~+:/-]{0,299}$/;

/**
 * Tells a package, by the name that its registry has for it. One that is needed only for development is graded as the others
 * are, since its code runs too (on people's machines and in CI), and says so in its detail: `scope: dev`.
 */
export function tellPackage(traces: Traces, { registry, name, grade, line, dev = false }: Package): void {
  const value = inRegistry(registry, name.trim());
  if (!NAME.test(value)) {
    traces.skip(line, `this is no name of a package in ${registry}`, 'name');
    return;
  }
  traces.saw({ kind: 'package', value, grade, line, detail: { registry, ...(dev ? { scope: 'dev' } : {}) } });
}

/** PyPI: PEP 503. Packagist: lower case. NuGet takes any case; names stay as they are written there. */
function inRegistry(registry: Registry, name: string): string {
  if (registry === 'pypi') return name.toLowerCase().replace(/[-_.]+/g, '-');
  return registry === 'packagist' ? name.toLowerCase() : name;
}

const MOST_PACKAGES = 500_000;

/** The packages of a lock file, told at its end, when it is known which of them something asks for directly. */
export class LockedPackages {
  readonly #traces: Traces;
  readonly #registry: Registry;
  readonly #locked = new Map<string, number[]>();
  readonly #direct = new Map<string, { line: number; dev: boolean }>();
  readonly #own = new Set<string>();

  constructor(traces: Traces, registry: Registry) {
    this.#traces = traces;
    this.#registry = registry;
  }

  locked(name: string, line: number): void {
    const lines = this.#locked.get(name);
    if (lines !== undefined) lines.push(line);
    else if (this.#locked.size < MOST_PACKAGES) this.#locked.set(name, [line]);
    else this.#traces.skip(line, `the file locks more than ${MOST_PACKAGES} packages`);
  }

  /** Asked for by the project itself. Where both development and the product ask for it, the product counts. */
  direct(name: string, line: number, dev = false): void {
    const known = this.#direct.get(name);
    if (known === undefined) this.#direct.set(name, { line, dev });
    else if (known.dev && !dev) this.#direct.set(name, { line, dev });
  }

  /** A part of the project itself: nobody's package. */
  own(name: string): void {
    this.#own.add(name);
  }

  tell(): void {
    for (const [name, { line, dev }] of this.#direct) {
      if (this.#own.has(name)) continue;
      tellPackage(this.#traces, { registry: this.#registry, name, grade: 'capable', line, dev });
    }
    for (const [name, lines] of this.#locked) {
      if (this.#own.has(name) || this.#direct.has(name)) continue;
      for (const line of lines) {
        tellPackage(this.#traces, { registry: this.#registry, name, grade: 'transitive', line });
      }
    }
  }
}
