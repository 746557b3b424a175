import { z } from '@hono/zod-openapi';

export const AppPrivacySchema = z
  .object({
    days: z
      .array(
        z.object({
          day: z.string().openapi({ example: '2026-11-22' }),
          crossings: z.number(),
          looked: z.number().openapi({ description: 'Crossings whose free text was looked through' }),
          partly: z.number().openapi({
            description: 'Of a day on which a contract began or ceased to have it looked through',
          }),
          notLooked: z.number().openapi({ description: 'What their free text carried is unknown' }),
          unread: z.number().openapi({
            description:
              'Refused before the body was looked through to its end: also where that would have taken too long, or failed',
          }),
        }),
      )
      .openapi({
        description: 'Whole days of UTC, the oldest first, today last; also those without crossings',
      }),
    items: z
      .array(
        z.object({
          day: z.string(),
          class: z.string(),
          treatment: z.string(),
          crossings: z.number().openapi({ description: 'Those that carried this, treated so' }),
        }),
      )
      .openapi({ description: 'What is not here was not found' }),
    connections: z.array(
      z.object({ id: z.string(), name: z.string(), crossings: z.number(), notLooked: z.number() }),
    ),
  })
  .openapi('AppPrivacy');
export type AppPrivacy = z.infer<typeof AppPrivacySchema>;
