import { replaceFile, type Segment, type Storage } from '@drawbridge/journal';

const FILE = 'shipped.json';
const FILE_LIMIT = 1024 * 1024;

/**
 * How far the journal was shipped, and since when its segments are acknowledged. Written down now and then only: what
 * is lost of it is learnt again from the control plane's next answer.
 */
export class ShippedState {
  #next: number;
  /** Segment number to milliseconds since 1970. */
  readonly #acknowledged: Map<number, number>;
  #saved: string;

  private constructor(next: number, acknowledged: Map<number, number>) {
    this.#next = next;
    this.#acknowledged = acknowledged;
    this.#saved = this.#text();
  }

  static async load(storage: Storage): Promise<ShippedState> {
    if (!(await storage.list()).includes(FILE)) return new ShippedState(0, new Map());
    const { next, acknowledged } = readState((await storage.read(FILE, 0, FILE_LIMIT)).toString('utf8'));
    return new ShippedState(next, acknowledged);
  }

  /** All entries before this index are acknowledged. */
  get next(): number {
    return this.#next;
  }

  acknowledge(next: number): void {
    this.#next = next;
  }

  /** Notes which closed segments are acknowledged whole by now. */
  note(segments: readonly (Segment & { isOpen: boolean })[], now: number): void {
    for (const { number, end, isOpen, stripped } of segments) {
      const isWhole = !isOpen && end <= this.#next;
      if (!isWhole) this.#acknowledged.delete(number);
      else if (!stripped && !this.#acknowledged.has(number)) this.#acknowledged.set(number, now);
    }
  }

  acknowledgedBefore(time: number): number[] {
    return [...this.#acknowledged].filter(([, at]) => at <= time).map(([segment]) => segment);
  }

  stripped(segment: number): void {
    this.#acknowledged.delete(segment);
  }

  async save(storage: Storage): Promise<void> {
    const text = this.#text();
    if (text === this.#saved) return;
    await replaceFile(storage, FILE, Buffer.from(text));
    this.#saved = text;
  }

  #text(): string {
    return JSON.stringify({ v: 1, next: this.#next, acknowledged: Object.fromEntries(this.#acknowledged) });
  }
}

function readState(text: string): { next: number; acknowledged: Map<number, number> } {
  const nothing = { next: 0, acknowledged: new Map<number, number>() };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Damaged: as if it were not there.
    return nothing;
  }
  if (typeof value !== 'object' || value === null || !('v' in value) || value.v !== 1) return nothing;
  const next = 'next' in value && Number.isSafeInteger(value.next) ? Math.max(0, value.next as number) : 0;
  const times = 'acknowledged' in value ? value.acknowledged : null;
  const acknowledged = new Map<number, number>();
  for (const [segment, at] of Object.entries(typeof times === 'object' && times !== null ? times : {})) {
    if (Number.isSafeInteger(Number(segment)) && typeof at === 'number')
      acknowledged.set(Number(segment), at);
  }
  return { next, acknowledged };
}

/** The index up to which everything is acknowledged, as far as it was written down. */
export async function shippedSoFar(storage: Storage): Promise<number> {
  return (await ShippedState.load(storage)).next;
}
