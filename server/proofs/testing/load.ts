import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { ReceivedRequest } from '@drawbridge/standins';
import { bearer, send } from './http.ts';

/** The shortest body; the one with number n is n bytes longer, so that its length alone says which it is. */
const SHORTEST = 200;

/** The number of a marked request, by the length of its body as the journal's leaf has it. */
export const numberByLength = (bytes: number): number => bytes - SHORTEST;

/** The number of a marked request, as the vendor got it: text and length must say the same. */
export function numberOf(request: ReceivedRequest): number {
  const { user } = JSON.parse(request.body.toString('utf8')) as { user: string };
  const number = Number(user.slice('made-up-user-'.length));
  if (number !== numberByLength(request.body.length)) throw new Error(`request ${number} was changed`);
  return number;
}

/** A chat request of a user of its own. */
export function markedBody(number: number): string {
  const body = (pad: string) =>
    JSON.stringify({
      model: 'gpt-5',
      user: `made-up-user-${number}`,
      messages: [{ role: 'user', content: `Hello ${pad}` }],
    });
  return body('x'.repeat(SHORTEST + number - body('').length));
}

export interface Load {
  /** Crossing ids of the requests that were answered with success, by number. */
  answered: Map<number, string>;
  /** How many requests were sent, whatever became of them. */
  sent(): number;
  /** Lets what runs end. */
  stop(): Promise<void>;
}

/** Clients that send one marked request after the other, each once: what breaks off is not sent again. */
export function startLoad(url: string, key: string, clients: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const answered = new Map<number, string>();
  let made = 0;
  let stopping = false;
  const client = async (): Promise<void> => {
    while (!stopping) {
      const number = made++;
      try {
        const answer = await send(url, { headers: bearer(key), body: markedBody(number), agent });
        if (answer.status === 200) answered.set(number, String(answer.headers['x-drawbridge-crossing']));
      } catch {
        // The gateway was killed. Not at once again, lest thousands be refused before it is back.
        await wait(20);
      }
    }
  };
  const clientsDone = Promise.all(Array.from({ length: clients }, client));
  return {
    answered,
    sent: () => made,
    async stop() {
      stopping = true;
      await clientsDone;
      agent.destroy();
    },
  };
}
