import { newId, type OutboundNetwork, Problem } from '../../platform/index.ts';
import { readDocument } from '../documents.ts';
import type { Reckoning, ReckoningDeps } from '../reckoning.ts';
import type { ObligationTables } from '../tables.ts';
import { type Message, testMessage } from './message.ts';
import { type Recipient, type RoundDeps, remind } from './run.ts';
import { readSecret } from './secrets.ts';
import { type MailPort, post, SendError, sendMail } from './send.ts';
import { type Channel, type Reminders, remindersDocument } from './settings.ts';

/** Reminders as they run beside answering: a round every so often, and at once where something was entered. */

export interface ReminderDeps extends ReckoningDeps {
  reckoning: Reckoning;
  network: OutboundNetwork;
  /** Null: this deployment sends no mail. */
  mail: MailPort | null;
  /** Null: there is no such person, or they may not sign in. */
  person(id: string): Promise<{ id: string; name: string; email: string } | null>;
  linkOf(incident: string): string | null;
}

export interface ReminderService {
  start(): void;
  stop(): Promise<void>;
  /** Something was entered: look at once. */
  poke(): void;
  /** What keeps reminders from those they are for, for those who run this; null: nothing. */
  problem(): string | null;
  /** Sends a message that says that it is a test. Throws Problem 404, and 502 with what went wrong. */
  test(channel: string, person: string): Promise<void>;
  /** One round, for tests. */
  round(): Promise<number>;
}

const LOOK_EVERY_MS = 15_000;
const DAY_MS = 86_400_000;

export function createReminders(deps: ReminderDeps): ReminderService {
  const { platform, sealer, reckoning, book, network, mail, linkOf } = deps;
  const ended = new AbortController();
  const sending = { network, mail, now: () => platform.clock.now() };
  let problem: string | null = null;
  let poked = false;
  let wake: () => void = () => undefined;
  let running: Promise<void> | null = null;

  const settings = async (): Promise<Reminders> =>
    (await readDocument(platform.db, deps, remindersDocument)).value;

  async function send(to: Recipient, message: Message, signal: AbortSignal): Promise<void> {
    if ('deputy' in to) return mailPerson(to.deputy, message);
    const { channel, person } = to;
    if (channel.kind !== 'email') {
      return post(channel, await readSecret(platform.db, await sealer(), channel), message, sending, signal);
    }
    if (channel.to !== 'leads') return sendMail(channel.to, message, sending);
    if (person !== null) await mailPerson(person, message);
  }

  async function mailPerson(id: string, message: Message): Promise<void> {
    const person = await deps.person(id);
    if (person === null) {
      throw new SendError('nobody', 'Whom it is for can not sign in any more. Name somebody else.', {
        isCertain: true,
        isPermanent: true,
      });
    }
    await sendMail(person.email, message, sending);
  }

  const roundDeps: RoundDeps = {
    platform,
    settings,
    reckoned: () => reckoning.all(platform.clock.now()),
    leads: (incident) => book.leads(incident),
    linkOf,
    send,
  };

  async function round(): Promise<number> {
    const sent = await remind(roundDeps, ended.signal);
    problem = await troubleIn(deps);
    return sent;
  }

  async function loop(): Promise<void> {
    while (!ended.signal.aborted) {
      poked = false;
      try {
        await round();
      } catch (error) {
        platform.log.error({ err: error }, 'a round of reminders failed; it is tried again');
        problem = 'Reminders of deadlines fail; the log of the server says why.';
      }
      if (poked || ended.signal.aborted) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_EVERY_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  return {
    start() {
      running ??= loop();
    },
    async stop() {
      ended.abort();
      wake();
      await running;
    },
    poke() {
      poked = true;
      wake();
    },
    problem: () => problem,
    round,
    async test(id, person) {
      const channel = (await settings()).channels.find((one) => one.id === id);
      if (channel === undefined)
        throw new Problem(404, 'not_found', 'There is no such channel. Look in the list.');
      const message = testMessage(newId(platform.clock, platform.random), channel.drills, linkOf(''));
      const to: Recipient = { channel, person: isToLeads(channel) ? person : null };
      try {
        await send(to, message, AbortSignal.any([ended.signal, AbortSignal.timeout(30_000)]));
      } catch (error) {
        if (!(error instanceof SendError)) throw error;
        throw new Problem(502, error.code, error.message);
      }
    },
  };
}

/** Who leads is asked of an incident, and a test has none: it goes to who presses the button. */
const isToLeads = (channel: Channel): boolean => channel.kind === 'email' && channel.to === 'leads';

/** Of the last day: reminders that did not reach anybody, or may not have. */
async function troubleIn({ platform }: Pick<ReminderDeps, 'platform'>): Promise<string | null> {
  const found = await platform.db
    .withTables<ObligationTables>()
    .selectFrom('obligation_reminder')
    .select((e) => e.fn.countAll<string>().as('count'))
    .where((e) =>
      e.or([
        e('state', 'in', ['failed', 'in_doubt']).and(
          'settled_at',
          '>',
          new Date(platform.clock.now() - DAY_MS),
        ),
        e('state', '=', 'pending').and('attempts', '>=', 3),
      ]),
    )
    .executeTakeFirst();
  const count = Number(found?.count ?? 0);
  if (count === 0) return null;
  return `${count} ${count === 1 ? 'reminder' : 'reminders'} of deadlines did not arrive, or may not have. Settings, Deadlines lists them.`;
}
