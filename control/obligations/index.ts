import { createRouter, type Router } from '../platform/index.ts';
import { clocksEnded } from './entries.ts';
import { organisationRoutes } from './organisation-routes.ts';
import { createReckoning, type ReckoningDeps } from './reckoning.ts';
import { reminderRoutes } from './reminders/routes.ts';
import { createReminders, type ReminderDeps, type ReminderService } from './reminders/service.ts';
import { clockRoutes } from './routes.ts';

export type { MailPort } from './reminders/send.ts';
export type { VendorNotice } from './vendor-rule.ts';

interface Options extends ReckoningDeps, Pick<ReminderDeps, 'network' | 'mail' | 'person'> {
  /** Whether somebody can sign in and may see incidents. */
  mayRead(person: string): Promise<boolean>;
  /** Origin of the console, without a slash at its end; null: not known. */
  origin(): string | null;
  /** What stands before the API's paths. */
  base: string;
}

export interface Obligations extends Pick<ReminderService, 'start' | 'stop' | 'problem' | 'round'> {
  routes: Router;
  /** Rules whose clock ended in an incident and was not reopened since, and when that was entered. */
  clocksEnded(incident: string): Promise<ReadonlyMap<string, Date>>;
}

/** Obligations: duties with a deadline and a recipient, of all incidents. */
export function createObligations({ mayRead, origin, base, ...deps }: Options): Obligations {
  const reckoning = createReckoning(deps);
  const linkOf = (incident: string): string | null => {
    const at = origin();
    return at === null ? null : `${at}/incidents${incident === '' ? '' : `/${incident}`}`;
  };
  const reminderDeps = { ...deps, reckoning, linkOf };
  const reminders = createReminders(reminderDeps);
  const changed = () => reminders.poke();
  const routes = createRouter()
    .route(
      '/',
      clockRoutes({
        ...reminderDeps,
        mayRead,
        changed,
        feedBase: () => `${origin() ?? ''}${base}`,
      }),
    )
    .route('/', organisationRoutes({ ...deps, reckoning, changed }))
    .route('/', reminderRoutes(reminderDeps, reminders));
  return {
    routes,
    start: reminders.start,
    stop: reminders.stop,
    problem: reminders.problem,
    round: reminders.round,
    clocksEnded: (incident) => clocksEnded(deps.platform.db, incident),
  };
}
