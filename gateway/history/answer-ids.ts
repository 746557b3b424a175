import { JsonTexts } from './json-texts.ts';
import type { CompiledGive, Step } from './rules.ts';

/** Reads along an answer's bytes as the vendor sent them, and tells the ids that it gives. */
export interface AnswerIds {
  push(chunk: Buffer): void;
}

/** A line of an event that is longer is not read. */
const LONGEST_LINE = 1024 * 1024;
/** One answer gives no more ids. */
const MOST_IDS = 1_000;
const TYPE: readonly Step[] = ['type'];

/** Whether an answer of this type is one JSON document, or several. */
export function isJson(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json');
}

/** By the answer's content type; null: it can give none. */
export function answerIds(
  type: string,
  gives: readonly CompiledGive[],
  tell: (id: string) => void,
): AnswerIds | null {
  let told = 0;
  const tellSome = (id: string): void => {
    if (told++ < MOST_IDS) tell(id);
  };
  if (type === 'text/event-stream') return new EventIds(gives, tellSome);
  if (!isJson(type)) return null;
  const whole = gives.filter(({ event }) => event === null);
  if (whole.length === 0) return null;
  const texts = new JsonTexts(
    whole.map(({ steps }) => steps),
    (_path, id) => tellSome(id),
  );
  return { push: (chunk) => texts.push(chunk.toString('latin1')) };
}

/** Events are told when they are whole, and before their last byte goes on: nobody has read one before. */
class EventIds implements AnswerIds {
  readonly #gives: readonly CompiledGive[];
  readonly #paths: readonly (readonly Step[])[];
  readonly #events: readonly string[];
  readonly #tell: (id: string) => void;
  #rest = '';
  /** The line that is being read is too long, or its beginning is gone. */
  #isLost = false;
  #isFirst = true;
  #type = '';
  #texts: JsonTexts | null = null;
  #found: (readonly [path: number, text: string])[] = [];
  /** No event that is to come gives anything. */
  #isDone = false;

  constructor(gives: readonly CompiledGive[], tell: (id: string) => void) {
    this.#gives = gives;
    this.#paths = [...gives.map(({ steps }) => steps), TYPE];
    this.#events = gives.flatMap(({ event }) => event ?? []);
    this.#tell = tell;
  }

  push(chunk: Buffer): void {
    if (this.#isDone) return;
    const lines = (this.#rest + chunk.toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (this.#isLost) this.#isLost = false;
      else this.#line(line.endsWith('\r') ? line.slice(0, -1) : line);
    }
    if (this.#rest.length > LONGEST_LINE) {
      this.#rest = '';
      this.#isLost = true;
    }
  }

  #line(line: string): void {
    if (line === '') this.#end();
    else if (line.startsWith('event:')) this.#type = line.slice(6).trim();
    else if (line.startsWith('data:') && this.#isWanted(line)) {
      this.#texts ??= new JsonTexts(this.#paths, (path, text) => this.#found.push([path, text]));
      this.#texts.push(line.slice(5));
    }
  }

  /** Most events of a stream are pieces of a text: they are not read. */
  #isWanted(line: string): boolean {
    return this.#isFirst || this.#events.some((event) => event === this.#type || line.includes(event));
  }

  #end(): void {
    if (this.#texts !== null) {
      const type = this.#found.find(([path]) => path === this.#gives.length)?.[1] ?? this.#type;
      for (const [path, text] of this.#found) {
        const give = this.#gives[path];
        if (give === undefined) continue;
        if (give.event === null ? this.#isFirst : give.event === type) this.#tell(text);
      }
      this.#isFirst = false;
      this.#isDone = this.#events.length === 0;
      this.#texts = null;
      this.#found = [];
    }
    this.#type = '';
  }
}
