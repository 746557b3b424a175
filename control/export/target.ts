import { z } from '@hono/zod-openapi';
import type { Setting } from '../platform/index.ts';
import { exportFormats } from './lines.ts';

/** Headers that say how the request is sent: not for settings. */
const ours = new Set(['host', 'content-length', 'content-type', 'transfer-encoding', 'connection', 'expect']);

function wrongUrl(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.protocol !== 'https:') return 'is not an https:// address';
  if (url.username !== '' || url.password !== '') return 'holds a password; send it in a header';
  return url.hash === '' ? null : 'has a fragment, which is never sent';
}

/** Where events are pushed to, and how. Holds no secret: `variable` names the one in the server's environment. */
export const TargetSchema = z
  .strictObject({
    url: z
      .string()
      .max(2000)
      .superRefine((text, context) => {
        const message = wrongUrl(text);
        if (message !== null) context.addIssue({ code: 'custom', message });
      })
      .openapi({ example: 'https://siem.example/ingest' }),
    format: z.enum(exportFormats),
    header: z
      .strictObject({
        name: z
          .string()
          .regex(/^[A-Za-z][A-Za-z0-9-]{0,60}$/)
          .refine((name) => !ours.has(name.toLowerCase()), 'this header is not free to set'),
        variable: z.string().regex(/^DRAWBRIDGE_EXPORT_[A-Z0-9_]{1,60}$/, {
          message: 'begins with DRAWBRIDGE_EXPORT_ and has capitals, digits and _ only',
        }),
      })
      .nullable()
      .default(null)
      .openapi({
        description: 'A header whose value is a secret: the environment variable of the server that holds it',
      }),
    private: z.boolean().default(false).openapi({ description: 'The receiver is in a private network' }),
    details: z
      .boolean()
      .default(false)
      .openapi({ description: 'With reasons and details of changes, which people wrote' }),
  })
  .openapi('ExportTarget');
export type Target = z.infer<typeof TargetSchema>;

/** Null: nothing is pushed. */
export const pushTarget: Setting<Target | null> = {
  key: 'export_push',
  schema: TargetSchema.nullable(),
  initial: null,
};
