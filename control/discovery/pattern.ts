/** Looks up hosts by patterns in which `*` stands for one or more characters of one label (`*.blob.core.windows.net`). */
export class HostPatterns<T> {
  readonly #exact = new Map<string, T>();
  /** By what stands behind the last label with a star, so that a host is tried against few. */
  readonly #byEnd = new Map<string, { test: RegExp; value: T; stars: number }[]>();

  add(pattern: string, value: T): void {
    if (!pattern.includes('*')) {
      if (!this.#exact.has(pattern)) this.#exact.set(pattern, value);
      return;
    }
    const labels = pattern.split('.');
    const last = labels.findLastIndex((label) => label.includes('*'));
    const end = labels.slice(last + 1).join('.');
    const source = labels.map((label) => label.split('*').map(quoted).join('[^.]+')).join('\\.');
    const list = this.#byEnd.get(end) ?? [];
    list.push({ test: new RegExp(`^${source}$`), value, stars: pattern.split('*').length });
    // The pattern that says more goes first.
    list.sort((a, b) => a.stars - b.stars);
    this.#byEnd.set(end, list);
  }

  /** The value of the pattern that says most of the host. */
  find(host: string): T | undefined {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    for (let rest = host; rest.includes('.'); rest = rest.slice(rest.indexOf('.') + 1)) {
      const end = rest.slice(rest.indexOf('.') + 1);
      for (const { test, value } of this.#byEnd.get(end) ?? []) if (test.test(host)) return value;
    }
    return undefined;
  }
}

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
