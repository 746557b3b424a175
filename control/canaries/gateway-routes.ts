import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type Platform, Problem } from '../platform/index.ts';
import { ToldUseSchema } from './schemas.ts';
import { takeToldUse } from './watch.ts';

const LARGEST = 4 * 1024;

function refused(detail: string): Problem {
  return new Problem(400, 'invalid_request', detail);
}

/** `POST /canary-uses`: a gateway tells that a planted key was used. Mounted behind `gatewayAuth`. */
export function canaryUseRoutes(platform: Platform) {
  return new Hono<{ Variables: { gateway: { id: string }; requestId: string } }>().post(
    '/canary-uses',
    bodyLimit({
      maxSize: LARGEST,
      onError: () => {
        throw new Problem(413, 'too_large', `A use is told in at most ${LARGEST} bytes.`);
      },
    }),
    async (c) => {
      const told = ToldUseSchema.safeParse(parsed(await c.req.text()));
      if (!told.success) {
        const issue = told.error.issues[0];
        throw refused(`${issue?.path.map(String).join('.') || '(body)'}: ${issue?.message ?? 'not valid'}`);
      }
      await takeToldUse(platform, told.data);
      return c.body(null, 204);
    },
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refused('(body): is not JSON');
  }
}
