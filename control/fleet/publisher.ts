import { z } from 'zod';
import type { Platform, Topic } from '../platform/index.ts';
import type { Publication, SnapshotCompiler } from './compile.ts';
import { type Content, type ContentSources, contentHash, readContent } from './content.ts';
import { keepVersion } from './history.ts';
import type { FleetTables } from './tables.ts';

/** How often the database is asked whether another control process changed something, in milliseconds. */
const WATCH_MS = 250;
/** How often everything is read again whatever was told: for sources that are not counted as changes. */
const REREAD_MS = 5_000;

/** What snapshots are made of. */
const PUBLISHED: ReadonlySet<Topic> = new Set<Topic>([
  'connections',
  'keys',
  'policies',
  'review',
  'register',
]);

interface Current extends Publication {
  hash: string;
  revision: number;
}

/**
 * Gives each new content a version, once for the whole deployment: control processes agree on it in the database. A
 * content that can't be right is never published; the last good one stays in force.
 */
export class Publisher {
  readonly #sources: ContentSources;
  readonly #compiler: SnapshotCompiler;
  readonly #payloadKey: string;
  readonly #waiting = new Set<() => void>();
  readonly #stopping = new AbortController();
  #current: Current | null = null;
  #refreshing: Promise<void> | null = null;
  #again = false;
  #problem: string | null = null;
  /** The revision at which packs were last read. */
  #packsAt: number | null = null;
  /** The database could not be asked when it was asked last: that is said once. */
  #away = false;
  #watching: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => undefined;

  constructor(sources: ContentSources, compiler: SnapshotCompiler, payloadKey: string) {
    this.#sources = sources;
    this.#compiler = compiler;
    this.#payloadKey = payloadKey;
  }

  get current(): (Publication & { revision: number }) | null {
    return this.#current;
  }

  /** Why the newest configuration is not in force; null when it is. */
  get problem(): string | null {
    return this.#problem;
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.#platform.events.subscribe((topic) => {
      if (PUBLISHED.has(topic)) void this.refresh();
    });
    await this.refresh();
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stopping.abort();
    this.#wake();
    await this.#watching;
    await this.#refreshing;
  }

  /** Publishes what is in the database now, if it differs. Never throws: a failure is logged and tried again. */
  async refresh(): Promise<void> {
    this.#again = true;
    this.#refreshing ??= this.#refreshAll().finally(() => {
      this.#refreshing = null;
    });
    await this.#refreshing;
  }

  /** Settles when a version newer than `version` is there, at the latest after `milliseconds` or when `signal` aborts. */
  async newerThan(version: number, milliseconds: number, signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + milliseconds;
    while (!signal.aborted && !this.#stopping.signal.aborted) {
      const left = deadline - performance.now();
      if (left <= 0 || (this.#current?.version ?? 0) > version) return;
      await this.#pause(left, signal);
    }
  }

  /**
   * A gateway runs on a version that was never given out here: the database was put back to an earlier state. Versions
   * go on above it, so that gateways take what is published now.
   */
  async goAbove(version: number): Promise<void> {
    this.#platform.log.warn(
      { gatewayRunsOn: version, published: this.#current?.version },
      'a gateway is ahead of this database, as after a restore: publishing above its version',
    );
    await this.#db
      .updateTable('published')
      .set({ version: version + 1, published_at: new Date(this.#platform.clock.now()) })
      .where('version', '<', version + 1)
      .execute();
    await this.refresh();
  }

  get #platform(): Platform {
    return this.#sources.platform;
  }
  get #db() {
    return this.#platform.db.withTables<FleetTables>();
  }

  async #refreshAll(): Promise<void> {
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false;
      try {
        await this.#refreshOnce();
        this.#problem = null;
      } catch (error) {
        this.#problem = describe(error);
        this.#platform.log.error(
          { err: error },
          'the configuration can not be published; the last one stays in force',
        );
      }
    }
  }

  async #refreshOnce(): Promise<void> {
    await this.#loadPacks();
    const { content, revision } = await readContent(this.#sources);
    // A pack may have been entered in between.
    if (revision !== this.#packsAt) {
      this.#again = true;
      return;
    }
    const hash = contentHash(content, this.#payloadKey);
    if (hash !== this.#current?.hash) this.#compiler.check(content);
    // What was read again and is as before gives nobody a reason to publish over another process's content.
    const mayChange = hash !== this.#current?.hash || revision !== this.#current.revision;
    const published = await this.#publish(content, hash, revision, mayChange);
    // Another process has published a later state: what was read here is old.
    if (published === 'outdated') {
      this.#again = true;
      return;
    }
    const isNew = published.version !== this.#current?.version;
    this.#current = { ...published, content: this.#sameOr(content, hash), hash, revision };
    if (isNew) {
      this.#platform.log.info({ version: published.version }, 'snapshot published');
      this.#wake();
    }
  }

  async #loadPacks(): Promise<void> {
    const { revision } = await this.#db
      .selectFrom('configuration')
      .select('revision')
      .executeTakeFirstOrThrow();
    if (revision === this.#packsAt) return;
    await this.#sources.loadPacks();
    this.#packsAt = revision;
  }

  #sameOr(content: Content, hash: string): Content {
    return this.#current?.hash === hash ? this.#current.content : content;
  }

  async #publish(
    content: Content,
    hash: string,
    revision: number,
    mayChange: boolean,
  ): Promise<{ version: number; publishedAt: Date } | 'outdated'> {
    return this.#platform.db.transaction().execute(async (tx) => {
      const rows = tx.withTables<FleetTables>();
      const now = new Date(this.#platform.clock.now());
      const first = { version: 1, revision, content_hash: hash, published_at: now };
      const inserted = await rows
        .insertInto('published')
        .values({ only_one: true, ...first })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      const last = await rows.selectFrom('published').selectAll().forUpdate().executeTakeFirstOrThrow();
      if (last.revision > revision) return 'outdated';
      const isNew = last.content_hash !== hash;
      if (isNew && !mayChange && this.#current !== null) return this.#current;
      const next = {
        version: isNew ? last.version + 1 : last.version,
        published_at: isNew ? now : last.published_at,
      };
      if (isNew || last.revision !== revision) {
        await rows
          .updateTable('published')
          .set({ ...next, revision, content_hash: hash })
          .execute();
      }
      // The first of all, a new one, or one that was moved above a gateway's: each is kept once.
      if (next.version !== this.#current?.version) {
        const afterRevision = inserted.numInsertedOrUpdatedRows === 0n ? last.revision : 0;
        const publishedAt = next.published_at;
        const kept = { version: next.version, contentHash: hash, publishedAt, afterRevision, revision };
        await keepVersion(tx, kept, content);
      }
      return { version: next.version, publishedAt: next.published_at };
    });
  }

  /** Changes made by other control processes, and what no event told. */
  async #watch(): Promise<void> {
    let reread = performance.now() + REREAD_MS;
    while (!this.#stopping.signal.aborted) {
      await this.#pause(WATCH_MS, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      const isDue = performance.now() >= reread;
      if (!isDue && !(await this.#isBehind())) continue;
      reread = performance.now() + REREAD_MS;
      await this.refresh();
    }
  }

  async #isBehind(): Promise<boolean> {
    try {
      const now = await this.#db.selectFrom('configuration').select('revision').executeTakeFirstOrThrow();
      if (this.#away) this.#platform.log.info('the database answers again');
      this.#away = false;
      return now.revision !== this.#current?.revision;
    } catch (error) {
      if (!this.#away) {
        this.#platform.log.warn(
          { err: error },
          'the database can not be asked for changes; asking again until it answers',
        );
      }
      this.#away = true;
      return false;
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Settles after the time, when something is published, or when the signal aborts. */
  async #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((done) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(finish);
        signal.removeEventListener('abort', finish);
        done();
      };
      const timer = setTimeout(finish, milliseconds);
      this.#waiting.add(finish);
      signal.addEventListener('abort', finish);
    });
  }
}

/** What may be shown of a failure: for a content of the wrong form, the field; never a value. */
function describe(error: unknown): string {
  if (error instanceof z.ZodError) {
    const issue = error.issues[0];
    return `${issue?.path.map(String).join('.') ?? 'snapshot'}: ${issue?.message ?? 'not valid'}`;
  }
  return error instanceof Error ? error.message : 'unknown';
}
