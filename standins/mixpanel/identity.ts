const DEVICE_PREFIX = '$device:';

/** Which identifiers the vendor takes for the same person: a union-find over distinct ids. */
export class IdentityGraph {
  readonly #parent = new Map<string, string>();

  #root(id: string): string {
    let root = id;
    for (let up = this.#parent.get(root); up !== undefined && up !== root; up = this.#parent.get(root))
      root = up;
    let at = id;
    while (at !== root) {
      const up = this.#parent.get(at) ?? root;
      this.#parent.set(at, root);
      at = up;
    }
    return root;
  }

  add(id: string): void {
    if (!this.#parent.has(id)) this.#parent.set(id, id);
  }

  merge(a: string, b: string): void {
    this.add(a);
    this.add(b);
    const left = this.#root(a);
    const right = this.#root(b);
    if (left === right) return;
    // A person is named by an identified id rather than by a device.
    const [kept, joined] = left.startsWith(DEVICE_PREFIX) ? [right, left] : [left, right];
    this.#parent.set(joined, kept);
  }

  /** The id that stands for the person this id belongs to. */
  personOf(id: string): string {
    return this.#parent.has(id) ? this.#root(id) : id;
  }

  ids(): Iterable<string> {
    return this.#parent.keys();
  }
}

function text(value: unknown): string | null {
  if (typeof value === 'string' && value !== '') return value;
  return typeof value === 'number' ? String(value) : null;
}

/** Device ids as the vendor writes them: with their prefix, whether they came with it or not. */
function deviceId(value: unknown): string | null {
  const id = text(value);
  if (id === null) return null;
  return id.startsWith(DEVICE_PREFIX) ? id : DEVICE_PREFIX + id;
}

/** The identifiers in the properties of one event (or the top of one profile update), as the vendor reads them. */
export function readIdentifiers(fields: Readonly<Record<string, unknown>>): {
  distinct: string | null;
  same: [string, string][];
} {
  const user = text(fields.$user_id);
  const device = deviceId(fields.$device_id);
  const distinct = text(fields.distinct_id) ?? text(fields.$distinct_id) ?? user ?? device;
  const same: [string, string][] = [];
  if (user !== null && device !== null) same.push([user, device]);
  if (distinct !== null && user !== null && distinct !== user) same.push([user, distinct]);
  return { distinct, same };
}

/** What `$identify`, `$create_alias` and `$merge` say: pairs of ids that are one person. */
export function readMerge(event: string, properties: Readonly<Record<string, unknown>>): [string, string][] {
  const distinct = text(properties.distinct_id);
  if (event === '$identify') {
    const identified = text(properties.$identified_id) ?? distinct;
    const anonymous = text(properties.$anon_distinct_id) ?? text(properties.$anon_id);
    return identified !== null && anonymous !== null ? [[identified, anonymous]] : [];
  }
  if (event === '$create_alias') {
    const alias = text(properties.alias);
    return distinct !== null && alias !== null ? [[distinct, alias]] : [];
  }
  if (event === '$merge') {
    const list = Array.isArray(properties.$distinct_ids) ? properties.$distinct_ids.map(text) : [];
    const [a, b] = list;
    return typeof a === 'string' && typeof b === 'string' ? [[a, b]] : [];
  }
  return [];
}
