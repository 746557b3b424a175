import type { Clock } from '@drawbridge/clocks';
import type { IncidentHead } from '../../incidents/index.ts';
import { newId, type Platform } from '../../platform/index.ts';
import { isLive, type Reckoned } from '../reckoning.ts';
import type { ReminderRow } from '../tables.ts';
import { dueOf } from '../wall.ts';
import { type Message, messageOf } from './message.ts';
import { momentAt, momentsOf } from './plan.ts';
import { isRepeatable, SendError } from './send.ts';
import type { Channel, Reminders } from './settings.ts';
import {
  acknowledged,
  claimOne,
  firstSpoken,
  type Planned,
  plan,
  settleFailed,
  settleSent,
  takeBackAbandoned,
  waiting,
  withdraw,
} from './store.ts';

/** One round of reminders: what is to be said now gets a row, and each row is sent by whoever takes it first. */

export interface RoundDeps {
  platform: Platform;
  settings(): Promise<Reminders>;
  /** All incidents that are not over, reckoned now. */
  reckoned(): Promise<readonly Reckoned[]>;
  /** Who leads an incident. */
  leads(incident: string): Promise<readonly { id: string }[]>;
  linkOf(incident: string): string | null;
  /** Sends to a recipient as it stands in a row. Throws SendError. */
  send(to: Recipient, message: Message, signal: AbortSignal): Promise<void>;
}

export type Recipient = { channel: Channel; person: string | null } | { deputy: string };

interface Live {
  head: IncidentHead;
  clock: Clock;
}

const AT_ONCE = 4;
const MOST_TRIES = 10;
const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 30 * 60_000;
const MINUTE_MS = 60_000;
export const DEPUTY = 'deputy';

/** Milliseconds until the next try after so many: doubled each time, and never in step with others. */
export function backOff(tries: number, random: number): number {
  const whole = Math.min(FIRST_WAIT_MS * 2 ** Math.min(tries - 1, 20), LONGEST_WAIT_MS);
  return Math.round(whole / 2 + (whole / 2) * random);
}

const keyOf = (incident: string, rule: string, dueAt: number): string => `${incident} ${rule} ${dueAt}`;
const liveKey = ({ head, clock }: Live): string => keyOf(head.id, clock.rule, dueOf(clock));
const rowKey = ({ incident, rule, due_at }: ReminderRow): string => keyOf(incident, rule, due_at.getTime());

/** Does one round. Returns how many were sent. */
export async function remind(deps: RoundDeps, signal: AbortSignal): Promise<number> {
  const { platform } = deps;
  await takeBackAbandoned(platform);
  const settings = await deps.settings();
  const isSet = settings.channels.length > 0 || settings.escalation !== null;
  const old = await waiting(platform);
  if (!isSet && old.length === 0) return 0;
  const live = (await deps.reckoned()).flatMap(({ head, result }) =>
    result.clocks.filter(isLive).map((clock) => ({ head, clock })),
  );
  const planned = [
    ...(await remindersOf(deps, settings, live)),
    ...(await escalationsOf(platform, settings, live)),
  ];
  await plan(platform, planned);
  const byKey = new Map(live.map((one) => [liveKey(one), one]));
  const going = await sift(platform, await waiting(platform), byKey, planned, settings);
  return deliver(deps, settings, byKey, going, signal);
}

async function remindersOf(
  deps: Pick<RoundDeps, 'platform' | 'leads'>,
  settings: Reminders,
  live: readonly Live[],
): Promise<Planned[]> {
  const now = deps.platform.clock.now();
  const planned: Planned[] = [];
  for (const { head, clock } of live) {
    const moment = momentAt(momentsOf(clock, settings.leadsOf[clock.rule] ?? settings.leads), now);
    if (moment === null) continue;
    for (const channel of settings.channels) {
      if (channel.paused || channel.drills !== head.drill) continue;
      for (const recipient of await recipientsOf(deps, channel, head.id))
        planned.push({
          incident: head.id,
          rule: clock.rule,
          dueAt: dueOf(clock),
          // An issue is a thing that stays: one for each clock and due time.
          moment: channel.kind === 'jira' ? 'issue' : moment.key,
          momentAt: moment.at,
          recipient,
          repeatable: isRepeatable(channel),
        });
    }
  }
  return planned;
}

async function recipientsOf(
  { leads }: Pick<RoundDeps, 'leads'>,
  channel: Channel,
  incident: string,
): Promise<string[]> {
  if (channel.kind !== 'email' || channel.to !== 'leads') return [channel.id];
  return (await leads(incident)).map(({ id }) => `${channel.id}/${id}`);
}

async function escalationsOf(
  platform: Platform,
  { escalation }: Reminders,
  live: readonly Live[],
): Promise<Planned[]> {
  if (escalation === null) return [];
  const ids = [...new Set(live.map(({ head }) => head.id))];
  const [spoken, known] = await Promise.all([firstSpoken(platform, ids), acknowledged(platform, ids)]);
  const since = new Map(spoken.map(({ incident, rule, dueAt, at }) => [keyOf(incident, rule, dueAt), at]));
  const done = new Set(known.map(({ incident, rule, dueAt }) => keyOf(incident, rule, dueAt)));
  const now = platform.clock.now();
  return live.flatMap((one): Planned[] => {
    const first = since.get(liveKey(one));
    const deputy = one.head.drill ? escalation.drillDeputy : escalation.deputy;
    if (deputy === null || first === undefined || done.has(liveKey(one))) return [];
    const at = first + escalation.afterMinutes * MINUTE_MS;
    if (at > now) return [];
    const { head, clock } = one;
    return [
      {
        incident: head.id,
        rule: clock.rule,
        dueAt: dueOf(clock),
        moment: 'escalation',
        momentAt: at,
        recipient: DEPUTY,
        repeatable: false,
      },
    ];
  });
}

/** Takes back what is of no use any more, and gives the ids of what is to be sent. */
async function sift(
  platform: Platform,
  rows: readonly ReminderRow[],
  live: ReadonlyMap<string, Live>,
  planned: readonly Planned[],
  settings: Reminders,
): Promise<string[]> {
  const now = new Set(
    planned.map(({ incident, rule, dueAt, moment, recipient }) =>
      [keyOf(incident, rule, dueAt), moment, recipient].join(' '),
    ),
  );
  const superseded: string[] = [];
  const dropped: string[] = [];
  const going: string[] = [];
  for (const row of rows) {
    const one = live.get(rowKey(row));
    // The clock ended, or its time is another one by now; or the channel is gone, or speaks of drills alone.
    if (one === undefined || recipientOf(settings, row, one.head.drill) === null) dropped.push(row.id);
    // A later moment says all that this one would.
    else if (!now.has([rowKey(row), row.moment, row.recipient].join(' '))) superseded.push(row.id);
    else going.push(row.id);
  }
  await withdraw(platform, dropped, 'dropped');
  await withdraw(platform, superseded, 'superseded');
  return going;
}

/** Who a row goes to by the settings as they are now; null: nobody. What is real never goes where drills go, nor the other way. */
export function recipientOf(
  { channels, escalation }: Reminders,
  { recipient }: Pick<ReminderRow, 'recipient'>,
  drill: boolean,
): Recipient | null {
  if (recipient === DEPUTY) {
    const deputy = drill ? (escalation?.drillDeputy ?? null) : (escalation?.deputy ?? null);
    return deputy === null ? null : { deputy };
  }
  const [id, person = null] = recipient.split('/');
  const channel = channels.find((one) => one.id === id);
  return channel === undefined || channel.paused || channel.drills !== drill ? null : { channel, person };
}

async function deliver(
  deps: RoundDeps,
  settings: Reminders,
  live: ReadonlyMap<string, Live>,
  going: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  // Several at a time: one receiver that is away does not keep the others waiting.
  const counts = await Promise.all(
    Array.from({ length: AT_ONCE }, () => deliverOneByOne(deps, settings, live, going, signal)),
  );
  return counts.reduce((all, count) => all + count, 0);
}

async function deliverOneByOne(
  deps: RoundDeps,
  settings: Reminders,
  live: ReadonlyMap<string, Live>,
  going: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const { platform } = deps;
  let sent = 0;
  while (!signal.aborted) {
    const claim = newId(platform.clock, platform.random);
    const row = await claimOne(platform, claim, going);
    if (row === null) break;
    const one = live.get(rowKey(row));
    const to = one === undefined ? null : recipientOf(settings, row, one.head.drill);
    if (one === undefined || to === null) throw new Error('a reminder was taken that is not to be sent');
    const link = deps.linkOf(one.head.id);
    const message = messageOf(one.head, one.clock, { id: row.id, moment: row.moment, link });
    try {
      await deps.send(to, message, signal);
    } catch (error) {
      if (!(error instanceof SendError)) throw error;
      await settleFailed(platform, { id: row.id, claim }, outcomeOf(platform, row, error));
      continue;
    }
    await settleSent(platform, row.id);
    sent += 1;
  }
  return sent;
}

/** What becomes of one that failed. */
function outcomeOf({ clock, random }: Platform, row: ReminderRow, error: SendError) {
  const trouble = `${error.code}: ${error.message}`;
  const now = clock.now();
  if (!error.isCertain && !row.repeatable) return { trouble, state: 'in_doubt' as const, nextTryAt: now };
  if (error.isPermanent || row.attempts >= MOST_TRIES)
    return { trouble, state: 'failed' as const, nextTryAt: now };
  const wait = backOff(row.attempts, random.bytes(4).readUInt32LE() / 2 ** 32);
  return { trouble, state: 'pending' as const, nextTryAt: now + Math.max(wait, error.retryAfterMs ?? 0) };
}
