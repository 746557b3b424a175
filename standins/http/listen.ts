import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { type ReceivedRequest, receive } from './received.ts';
import { type Behaviour, type Met, Script } from './script.ts';

/** Where a stand-in listens: any free port of the loopback address unless said otherwise. */
export interface ListenOptions {
  port?: number;
  host?: string;
  /** Milliseconds since 1970; default the system clock. */
  now?: () => number;
}

export interface Listening {
  /** `http://host:port`, no slash at the end. */
  url: string;
  host: string;
  port: number;
  /** Every request, in order of arrival, also those that a script answered or dropped. */
  requests: ReceivedRequest[];
  script: Script;
  /** Stops at once: open connections are destroyed. */
  stop(): Promise<void>;
}

/** How a streamed answer is to be cut short or held, as the script says. */
export interface StreamPlan {
  dropAfter: number | null;
  holdAfter: number | null;
  released: Promise<void>;
}

export type Answer = (request: ReceivedRequest, response: ServerResponse, plan: StreamPlan) => Promise<void>;

const plainPlan: StreamPlan = { dropAfter: null, holdAfter: null, released: Promise.resolve() };

function planOf(behaviour: Behaviour, released: Promise<void>): StreamPlan {
  if (behaviour.do === 'drop_mid_stream') {
    return { dropAfter: behaviour.afterEvents ?? 2, holdAfter: null, released };
  }
  if (behaviour.do === 'hold_mid_stream') {
    return { dropAfter: null, holdAfter: behaviour.afterEvents ?? 1, released };
  }
  return plainPlan;
}

/** Plays the scripted step. Returns the plan for the usual answer that follows, or null if there is none. */
async function play(met: Met, response: ServerResponse): Promise<StreamPlan | null> {
  const { behaviour, released } = met;
  switch (behaviour.do) {
    case 'answer':
      response.writeHead(behaviour.status, { 'content-type': 'application/json', ...behaviour.headers });
      response.end(behaviour.body ?? '');
      return null;
    case 'drop':
      response.destroy();
      return null;
    case 'delay':
      await wait(behaviour.ms);
      return plainPlan;
    case 'hold':
      await released;
      return plainPlan;
    default:
      return planOf(behaviour, released);
  }
}

/** Starts an HTTP server that keeps each request, lets the script have it first, then answers. */
export async function listen(options: ListenOptions, answer: Answer): Promise<Listening> {
  const host = options.host ?? '127.0.0.1';
  const now = options.now ?? Date.now;
  const requests: ReceivedRequest[] = [];
  const script = new Script();
  let arrivals = 0;

  const server = createServer({ keepAliveTimeout: 60_000 }, (message, response) => {
    const index = arrivals++;
    const serve = async (): Promise<void> => {
      const request = await receive(message, index, now);
      requests.push(request);
      const met = script.meet(request);
      const plan = met === null ? plainPlan : await play(met, response);
      if (plan !== null && !response.destroyed) await answer(request, response, plan);
    };
    serve().catch((error: unknown) => {
      if (message.destroyed && !message.complete) return; // the client went away before its request was whole
      if (response.headersSent) {
        response.destroy();
        return;
      }
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`stand-in failed: ${error instanceof Error ? error.message : 'unknown error'}\n`);
    });
  });
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the stand-in has no TCP address');

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    host,
    port: address.port,
    requests,
    script,
    stop: async () => {
      script.clear();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
