import type { Router } from '../platform/index.ts';
import { nameRecipientsJob } from './known-by.ts';
import { type NoticeRouteDeps, noticeRoutes } from './routes.ts';
import { createSending, type Sending } from './sending.ts';
import { type SentNotice, sentAs } from './sent.ts';
import type { Template } from './template.ts';

export { eraseRecipients } from './erase.ts';
export type { LoggedChange } from './file.ts';
export type { PersonToTell } from './recipients.ts';
export { readTemplate, type Template } from './template.ts';

export type NoticeOptions = Omit<NoticeRouteDeps, 'poke' | 'templates'> & { templates: readonly Template[] };

export interface Notices {
  routes: Router;
  sending: Sending;
  hourly: ReturnType<typeof nameRecipientsJob>;
  /** The notice that was sent under a Message-ID; null: none of ours. */
  sentAs(messageId: string): Promise<SentNotice | null>;
}

/** Fact sheets, notices and the register of breaches; `sending` runs beside. */
export function createNotices(options: NoticeOptions): Notices {
  const deps = {
    ...options,
    templates: new Map(options.templates.map((template) => [template.id, template])),
  };
  const sending = createSending(deps);
  return {
    sending,
    hourly: nameRecipientsJob(deps),
    routes: noticeRoutes({ ...deps, poke: () => sending.poke() }),
    sentAs: (messageId) => sentAs(deps, messageId),
  };
}
