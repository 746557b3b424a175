import type { Router } from '../platform/index.ts';
import { createMailer, type Mailer, type MailerDeps } from './mailer.ts';
import { mailRoutes } from './routes.ts';

export { isAddress } from './address.ts';
export { MailError } from './error.ts';
export type { Mailer, MailSession } from './mailer.ts';
export type { Mail } from './message.ts';

/** The organisation's mail server: what it is, and sending by it. */
export function createMail(deps: MailerDeps): { routes: Router; mailer: Mailer } {
  const mailer = createMailer(deps);
  return { routes: mailRoutes(deps, mailer), mailer };
}
