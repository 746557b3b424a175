import { shippedClockLaw } from '../laws/testing.ts';
import { createMail } from '../mail/index.ts';
import { createNotices, type PersonToTell } from '../notices/index.ts';
import { madeUpBlast, pseudonymOf, shippedTemplates } from '../notices/testing.ts';
import { createObligations } from '../obligations/index.ts';
import { runDueJob } from '../platform/index.ts';
import { testSever } from '../sever/testing.ts';
import { createExercises } from './index.ts';
import type { Exercise } from './pack.ts';
import { createRuns } from './runs.ts';

type Playbooks = NonNullable<Parameters<typeof testSever>[0]>['playbooks'];

interface Given {
  exercises: readonly Exercise[];
  playbooks: NonNullable<Playbooks>;
  /** People and staff of ours, whom nothing of a drill may reach. */
  real: { people: readonly string[]; leads: string };
}

/**
 * The rooms that an exercise is played in, as they are, on one real database whose clock a test moves: incidents, clocks and their
 * reminders, severances, notices and mail.
 */
export async function exerciseHouse({ exercises, playbooks, real }: Given) {
  const severing = await testSever({ playbooks });
  const { house, platform, sealer, incidents } = severing;
  const network = { resolve: async () => [{ address: '127.0.0.1', family: 4 as const }] };
  const mail = createMail({
    platform,
    sealer,
    network,
    times: { connectMs: 5_000, silentMs: 5_000 },
  });
  const obligations = createObligations({
    platform,
    sealer,
    book: incidents.book,
    readLaw: shippedClockLaw,
    noticesOf: async () => [],
    network,
    mail: mail.mailer,
    person: async (id) => ({ id, name: `Name of ${id}`, email: real.leads }),
    mayRead: async () => true,
    origin: () => 'https://bridge.example',
    base: '/api/v1',
  });
  async function* people(): AsyncGenerator<PersonToTell[]> {
    yield real.people.map((address, at) => ({ key: `person:${at}`, recipient: { address, name: null } }));
  }
  const notices = createNotices({
    platform,
    sealer,
    templates: await shippedTemplates(),
    book: incidents.book,
    mailer: mail.mailer,
    vendorNames: async () => new Map(),
    agreements: async () => [],
    blastOf: async () => madeUpBlast(),
    peopleOf: people,
    pseudonymOf,
    logged: async () => [],
  });
  const deps = { platform, incidents: incidents.book, clocksEnded: obligations.clocksEnded };
  const play = createRuns({ ...deps, exercises: new Map(exercises.map((one) => [one.id, one])) });
  for (const routes of [mail, obligations, notices, createExercises({ ...deps, exercises })])
    house.app.route('/api/v1', routes.routes);
  return {
    ...severing,
    obligations,
    sending: notices.sending,
    /** Who asks from now on: a person. */
    as(id: string) {
      Object.assign(house.people, { actor: { id, name: `Name of ${id}` }, as: { kind: 'person' } });
    },
    /** Brings all messages whose minute has come. */
    async deliver() {
      while (await runDueJob(platform, [play.deliver], 'a test'));
    },
  };
}
