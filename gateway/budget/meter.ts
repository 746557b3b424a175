/** What a vendor says it counted. */
export interface Counted {
  input: number;
  output: number;
}

/** How much of an answer's beginning and end is kept: streams say their input first or last, and their output last. */
const HEAD = 4 * 1024;
const TAIL = 16 * 1024;

const MARK = /"(?:usage|usageMetadata)"\s*:/g;
/** How far behind a mark its numbers may stand. */
const WINDOW = 1024;
const INPUT = /"(?:prompt_tokens|input_tokens|promptTokenCount)"\s*:\s*(\d{1,12})/;
const OUTPUT = /"(?:completion_tokens|output_tokens|candidatesTokenCount)"\s*:\s*(\d{1,12})/;
/** Anthropic counts these beside its input. */
const WRITTEN = /"cache_creation_input_tokens"\s*:\s*(\d{1,12})/;
const READ = /"cache_read_input_tokens"\s*:\s*(\d{1,12})/;

/** Reads an answer along, whole or streamed, for the tokens that the vendor says it counted. Keeps 20 KB at most. */
export class UsageMeter {
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;

  read(chunk: Buffer): void {
    const taken = Math.min(chunk.length, HEAD - this.#headBytes);
    if (taken > 0) {
      this.#head.push(Buffer.from(chunk.subarray(0, taken)));
      this.#headBytes += taken;
    }
    if (taken === chunk.length) return;
    const rest = Buffer.from(chunk.subarray(Math.max(taken, chunk.length - TAIL)));
    this.#tail.push(rest);
    this.#tailBytes += rest.length;
    if (this.#tailBytes <= 2 * TAIL) return;
    const kept = Buffer.concat(this.#tail).subarray(-TAIL);
    this.#tail = [kept];
    this.#tailBytes = kept.length;
  }

  /** The largest numbers that were said: those of a stream grow. Null where none were. */
  usage(): Counted | null {
    // Quotes in a model's text are escaped, so that it can't say a mark.
    const text = Buffer.concat([...this.#head, ...this.#tail]).toString('latin1');
    let input: number | null = null;
    let output = 0;
    for (const { index } of text.matchAll(MARK)) {
      const part = text.slice(index, index + WINDOW);
      const said = INPUT.exec(part)?.[1];
      const cached = numberOf(WRITTEN, part) + numberOf(READ, part);
      if (said !== undefined) input = Math.max(input ?? 0, Number(said) + cached);
      output = Math.max(output, numberOf(OUTPUT, part));
    }
    return input === null ? null : { input, output };
  }
}

function numberOf(pattern: RegExp, text: string): number {
  return Number(pattern.exec(text)?.[1] ?? 0);
}
