import type { Incoming, LiveConnection, Minimised } from '../crossing.ts';
import type { CompiledEndpoint, Inspection } from '../inspect/index.ts';
import { Refusal } from '../refusal/index.ts';
import type { AnswerRestore } from '../restore/index.ts';
import { isSameValue } from '../scan/index.ts';
import { knownAnswer } from './answer.ts';
import type { Entry, EntryKeys } from './entry.ts';
import { isKept, MOST_NAMED, type Named, namedBy } from './named.ts';
import type { CompiledHistory } from './rules.ts';
import type { HistoryShelf } from './shelf.ts';

/** A request whose history may be kept at the vendor, after minimising. */
export interface Asking {
  connection: LiveConnection;
  app: string;
  endpoint: CompiledEndpoint;
  history: CompiledHistory;
  incoming: Incoming;
  inspection: Inspection;
  minimised: Minimised;
  /** Contract and policies only look on: nothing is refused. */
  isObserved: boolean;
}

/** Entries that one request may rest on, and tokens in all of them together. */
const MOST_ENTRIES = 2_000;
const MOST_TOKENS = 200_000;
/** An entry that would rest on more others holds their tokens itself, so that a long chain is read in few steps. */
const MOST_LINKS = 64;
/** What an answer waits for is no more than this. */
const MOST_COPIED = 20_000;

const noTokens: ReadonlyMap<string, string> = new Map();

/** What is known of one request's history, and what becomes of its own. */
export class Recall {
  /** Of this request and of all that it goes on from, by token; null: there are none. */
  readonly tokens: ReadonlyMap<string, string> | null;
  /** Why it would have been refused, where nothing is; null: it would not. */
  readonly problem: Refusal | null;
  readonly #shelf: HistoryShelf;
  readonly #asking: Asking;
  readonly #keys: EntryKeys;
  readonly #named: readonly Named[];
  readonly #found: Found;
  /** Where this request's own tokens lie: under this name, once they do. */
  #holder: string | null = null;

  constructor(shelf: HistoryShelf, asking: Asking, keys: EntryKeys, named: readonly Named[], found: Found) {
    this.#shelf = shelf;
    this.#asking = asking;
    this.#keys = keys;
    this.#named = named;
    this.#found = found;
    this.problem = found.problem;
    this.tokens = merged(asking.minimised.tokens, found);
  }

  /**
   * Keeps what the request puts into something that the vendor has already, before it goes out: whatever comes of the
   * answer, the vendor has it then. Throws Refusal `history_unavailable`.
   */
  async keep(): Promise<void> {
    const { minimised, history } = this.#asking;
    for (const { id, adds } of this.#named) {
      if (!adds || id === null) continue;
      const name = this.#keys.nameOf(id);
      const before = this.#found.entries.get(name);
      if (before === undefined) continue;
      const of = this.#rests().filter((each) => each !== name && !before.of.includes(each));
      const tokens = this.#holder === null ? (minimised.tokens ?? noTokens) : noTokens;
      if (this.#holder !== null && this.#holder !== name) of.push(this.#holder);
      if (tokens.size === 0 && of.length === 0) continue;
      await this.#shelf.add(this.#keys, name, { tokens, of }, history.keptMs);
      if (tokens.size > 0) this.#holder = name;
    }
  }

  /** What the answer goes through: as `restore` has it, and ids in it are known afterwards. */
  answer(restore: AnswerRestore | null): AnswerRestore | null {
    const { history, inspection, isObserved } = this.#asking;
    const isWanted = history.gives.length > 0 && isKept(history, inspection);
    // Where a contract only looks on, an answer is not asked for in another form than the app asked for it.
    const remembers = isWanted && (!isObserved || this.tokens !== null);
    if (!remembers && !(history.isLines && restore !== null)) return restore;
    const told = new Set(this.#named.map(({ id }) => id));
    const remember = (id: string): void => {
      if (told.has(id)) return;
      told.add(id);
      this.#remember(id);
    };
    return knownAnswer(restore, history, remembers ? remember : null);
  }

  #remember(id: string): void {
    const { minimised, history } = this.#asking;
    const name = this.#keys.nameOf(id);
    const isHolder = this.#holder === null && minimised.tokens !== null;
    const links = this.#holder === null ? this.#rests() : [...this.#rests(), this.#holder];
    const entry: Entry =
      links.length > MOST_LINKS && this.tokens !== null && this.tokens.size <= MOST_COPIED
        ? { tokens: this.tokens, of: [] }
        : { tokens: isHolder ? (minimised.tokens ?? noTokens) : noTokens, of: links };
    if (this.#shelf.addNow(this.#keys, name, entry, history.keptMs) && isHolder) this.#holder = name;
  }

  /** Names of all entries with tokens that the request rests on. */
  #rests(): string[] {
    const names: string[] = [];
    for (const [name, { tokens }] of this.#found.entries) {
      if (tokens.size > 0 && name !== this.#holder) names.push(name);
    }
    return names;
  }
}

/** What was found of all that a request names. */
interface Found {
  entries: ReadonlyMap<string, Entry>;
  problem: Refusal | null;
}

/** Throws Refusal `history_unknown`, `history_unavailable`, `scan_failed` (two values under one token). */
export async function recall(shelf: HistoryShelf, asking: Asking): Promise<Recall> {
  const { connection, app, endpoint, history, incoming, inspection, isObserved } = asking;
  const keys = shelf.keysOf(connection, app);
  // What is deleted does not come back.
  const named = incoming.method === 'DELETE' ? [] : namedBy(history, endpoint, incoming, inspection);
  const found = named.length === 0 ? nothingFound : await lookUp(shelf, keys, named);
  if (found.problem !== null && !isObserved) throw found.problem;
  const ends = history.keptMs;
  if (found.entries.size > 0) shelf.extend([...found.entries.keys()], ends);
  return new Recall(shelf, asking, keys, named, found);
}

const nothingFound: Found = { entries: new Map(), problem: null };

async function lookUp(shelf: HistoryShelf, keys: EntryKeys, named: readonly Named[]): Promise<Found> {
  const entries = new Map<string, Entry>();
  let problem: Refusal | null = named.length > MOST_NAMED ? tooMany() : null;
  let tokens = 0;
  for (const { id, place } of named) {
    const open = id === null ? [] : [keys.nameOf(id)];
    if (id === null) problem ??= unknown(place);
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (entries.has(name)) continue;
      const entry = await shelf.read(keys, name);
      if (entry === null) {
        problem ??= unknown(place);
        continue;
      }
      entries.set(name, entry);
      tokens += entry.tokens.size;
      if (entries.size > MOST_ENTRIES || tokens > MOST_TOKENS) return { entries, problem: tooMany() };
      open.push(...entry.of);
    }
  }
  return { entries, problem };
}

/** This request's spelling of a value counts before that of an earlier one. */
function merged(
  own: ReadonlyMap<string, string> | null,
  { entries }: Found,
): ReadonlyMap<string, string> | null {
  let all: Map<string, string> | null = null;
  for (const { tokens } of entries.values()) {
    if (tokens.size === 0) continue;
    all ??= new Map(own ?? []);
    for (const [token, original] of tokens) {
      const known = all.get(token);
      if (known === undefined) all.set(token, original);
      else if (known !== original && !isSameValue(token, known, original)) throw collision();
    }
  }
  return all ?? own;
}

function unknown(place: string): Refusal {
  const where = place.startsWith('{') ? `${place} in the path` : `"${place}"`;
  return new Refusal(
    'history_unknown',
    'minimise',
    `${where} names something that the vendor keeps and that this gateway does not know for this app: it was made elsewhere, or before this gateway kept its tokens, or it was not used for too long. The contract of this connection puts tokens in the place of personal data, and those in it could not be put back. Send what is needed of it along in the request (earlier messages, the file anew), or have the contract changed in Drawbridge.`,
  );
}

function tooMany(): Refusal {
  return new Refusal(
    'history_unknown',
    'minimise',
    `The request goes on from more than is kept of what vendors keep (${MOST_NAMED} ids in one request, ${MOST_ENTRIES} requests, ${MOST_TOKENS} tokens). Begin anew, and send what is needed of it along.`,
  );
}

function collision(): Refusal {
  return new Refusal(
    'scan_failed',
    'minimise',
    'Two values, of this request and of what it goes on from, came to the same token, so it was not sent. Begin anew, without what the vendor keeps.',
  );
}
