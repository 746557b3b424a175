import type { Router } from '../platform/index.ts';
import { type NoticeRouteDeps, noticeRoutes } from './routes.ts';
import { createSending, type Sending } from './sending.ts';
import type { Template } from './template.ts';

export { eraseRecipients } from './erase.ts';
export type { LoggedChange } from './file.ts';
export type { PersonToTell } from './recipients.ts';
export { readTemplate, type Template } from './template.ts';

export type NoticeOptions = Omit<NoticeRouteDeps, 'poke' | 'templates'> & { templates: readonly Template[] };

/** Fact sheets, notices and the register of breaches; `sending` runs beside. */
export function createNotices(options: NoticeOptions): { routes: Router; sending: Sending } {
  const deps = {
    ...options,
    templates: new Map(options.templates.map((template) => [template.id, template])),
  };
  const sending = createSending(deps);
  return { sending, routes: noticeRoutes({ ...deps, poke: () => sending.poke() }) };
}
