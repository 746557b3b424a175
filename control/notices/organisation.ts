import { z } from '@hono/zod-openapi';
import type { Setting } from '../platform/index.ts';
import { wrongPage } from './checks.ts';
import { words } from './sheet.ts';

/** What every notice says of the organisation itself. */
export const OrganisationSchema = z
  .strictObject({
    name: words(200),
    contact: words(500).openapi({ description: 'Whom readers ask: a name, an address, a telephone number' }),
    informationPage: words(300)
      .superRefine((text, context) => {
        const wrong = wrongPage(text);
        if (wrong !== null) context.addIssue({ code: 'custom', message: wrong });
      })
      .openapi({ description: 'The one page that people are sent to, to read; empty: none' }),
  })
  .openapi('NoticeOrganisation');
export type Organisation = z.infer<typeof OrganisationSchema>;

export const organisation: Setting<Organisation> = {
  key: 'notices.organisation',
  schema: OrganisationSchema,
  initial: { name: '', contact: '', informationPage: '' },
};
