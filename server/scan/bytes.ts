/** Reads an asynchronous run of buffers by counted bytes and lines, holding no more than it must. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);
  #ended = false;
  #position = 0;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** How many bytes were read or passed over. */
  get position(): number {
    return this.#position;
  }

  /** Up to `length` bytes; fewer only at the end. */
  async take(length: number): Promise<Buffer> {
    await this.#hold(length);
    return this.#pass(length);
  }

  /** The same bytes, which stay to be read. */
  async peek(length: number): Promise<Buffer> {
    await this.#hold(length);
    return this.#held.subarray(0, length);
  }

  /** A line without its feed, of a longer one the first `longest` bytes; null at the end. */
  async line(longest: number): Promise<string | null> {
    let from = 0;
    for (;;) {
      const feed = this.#held.indexOf(0x0a, from);
      from = this.#held.length;
      if (feed !== -1 || from > longest || !(await this.#more())) {
        if (feed === -1 && this.#held.length === 0) return null;
        const end = feed === -1 ? this.#held.length : feed;
        const line = this.#held.toString('utf8', 0, Math.min(end, longest));
        this.#pass(feed === -1 ? end : end + 1);
        // What follows is no line of its own: who made the long one could have it say anything.
        if (feed === -1) await this.#passLine();
        return line;
      }
    }
  }

  /** The next `length` bytes (all that is left without it), piece by piece. */
  async *pieces(length = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
    const end = this.#position + length;
    while (this.#position < end) {
      if (this.#held.length === 0 && !(await this.#more())) return;
      yield this.#pass(end - this.#position);
    }
  }

  /** Goes on to a position. */
  async skipTo(position: number): Promise<void> {
    while (this.#position < position) {
      if (this.#held.length === 0 && !(await this.#more())) return;
      this.#pass(position - this.#position);
    }
  }

  /** Ends the source; nothing more can be read. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#source.return?.();
  }

  #pass(length: number): Buffer {
    const passed = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(passed.length);
    this.#position += passed.length;
    return passed;
  }

  /** Goes on behind the next feed. */
  async #passLine(): Promise<void> {
    for (;;) {
      const feed = this.#held.indexOf(0x0a);
      this.#pass(feed === -1 ? this.#held.length : feed + 1);
      if (feed !== -1 || !(await this.#more())) return;
    }
  }

  async #hold(length: number): Promise<void> {
    if (this.#held.length >= length || this.#ended) return;
    const parts = [this.#held];
    let size = this.#held.length;
    while (size < length) {
      const { value, done } = await this.#source.next();
      if (done === true) {
        this.#ended = true;
        break;
      }
      parts.push(value);
      size += value.length;
    }
    this.#held = Buffer.concat(parts);
  }

  async #more(): Promise<boolean> {
    const before = this.#held.length;
    await this.#hold(before + 1);
    return this.#held.length > before;
  }
}
