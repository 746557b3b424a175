import type { Hold } from '@drawbridge/control';
import { type ConfigFlags, readConfig } from '../config.ts';
import { callRunning, type RunningNote, readRunningNote } from '../running.ts';
import { askedSubject } from './erase.ts';

export interface HoldSetOptions {
  subject: string;
  kind?: string;
  only?: boolean;
  reason: string;
  until?: string;
  json?: boolean;
}

async function running(flags: ConfigFlags): Promise<RunningNote> {
  const config = readConfig(process.env, flags);
  return readRunningNote(config.dataDir, config.keysDir);
}

/** `drawbridge hold set`: nothing of the subject is erased or pruned until it is lifted. */
export async function setHoldCommand(flags: ConfigFlags, options: HoldSetOptions): Promise<void> {
  const asked = await askedSubject(options);
  const { reason, until } = options;
  const hold = await callRunning<Hold>(await running(flags), 'POST', '/holds', {
    ...asked,
    reason,
    // A date means its first moment, UTC.
    ...(until === undefined
      ? {}
      : { until: /^\d{4}-\d{2}-\d{2}$/.test(until) ? `${until}T00:00:00Z` : until }),
  });
  print(options.json, hold, `Held as ${hold.id}: ${identifiers(hold.identifiers)}.\n`);
}

/** `drawbridge hold lift`: says which erasures waited for it. */
export async function liftHoldCommand(
  flags: ConfigFlags,
  id: string,
  options: { reason: string; json?: boolean },
): Promise<void> {
  const hold = await callRunning<Hold>(
    await running(flags),
    'POST',
    `/holds/${encodeURIComponent(id)}/lift`,
    {
      reason: options.reason,
    },
  );
  const waiting = hold.waiting.map(
    (request) => `  drawbridge erase --request ${request} --reason "the hold was lifted"\n`,
  );
  const told =
    waiting.length === 0 ? '' : `Erasures that waited for it can be carried out:\n${waiting.join('')}`;
  print(options.json, hold, `Lifted.\n${told}`);
}

/** `drawbridge hold list`: newest first, without saying on whom. */
export async function listHoldsCommand(flags: ConfigFlags, options: { json?: boolean }): Promise<void> {
  const note = await running(flags);
  const holds: Hold[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const query: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
    const page: { items: Hold[]; next: string | null } = await callRunning(
      note,
      'GET',
      `/holds?limit=200${query}`,
    );
    holds.push(...page.items);
    next = page.next;
  }
  const lines = holds.map(
    (hold) =>
      `${hold.id}  ${hold.stands ? 'stands' : hold.lifted === null ? 'ended' : 'lifted'}  set ${hold.setAt.slice(0, 10)}` +
      `${hold.until === null ? '' : `, until ${hold.until.slice(0, 10)}`}, ${identifiers(hold.identifiers)}: ${onOneLine(hold.reason)}\n`,
  );
  print(options.json, { items: holds }, lines.length === 0 ? 'There is no legal hold.\n' : lines.join(''));
}

/** Without what a terminal would carry out, or what looks like another line. */
const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');

const identifiers = (count: number): string => `${count} ${count === 1 ? 'identifier' : 'identifiers'}`;

function print(json: boolean | undefined, value: unknown, words: string): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : words);
}
