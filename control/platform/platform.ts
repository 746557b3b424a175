import type pg from 'pg';
import type { Logger } from 'pino';
import type { Clock, Random } from './clock.ts';
import type { Db } from './database.ts';
import type { Events } from './events.ts';

/** What every capability is handed. */
export interface Platform {
  db: Db;
  /** For statements that Kysely would only wrap: unnest inserts, LISTEN, COPY. */
  pool: pg.Pool;
  clock: Clock;
  random: Random;
  log: Logger;
  events: Events;
  deployment: { id: string; name: string };
}
