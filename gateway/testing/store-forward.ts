import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { heldService } from '../hold/testing.ts';
import { closing, controlPlane, type Started, setUp, startProcess } from './process.ts';

/** A gateway's own process that keeps events for a severed vendor and sends them later, and is killed all the while. */

export interface StoreForwardPlan {
  events: number;
  /** Events in one request. */
  batch: number;
  /** How often the process is killed while it keeps events, and while it sends them. */
  kills: number;
  /** Requests of the client's at once. */
  atOnce: number;
  durability: 'synced' | 'written';
  say?: (text: string) => void;
}

export interface StoreForwardResult {
  /** Distinct events that the vendor has, and how many more it was sent. */
  distinct: number;
  repeated: number;
  /** Requests that had to be sent again, as the process was killed before it answered. */
  unanswered: number;
  kills: number;
  /** Milliseconds. */
  keptMs: number;
  sentMs: number;
}

const ID = /"\$insert_id":"e-(\d+)"/g;

/** What is started is ended by `closeAll`. */
export async function storeForward(plan: StoreForwardPlan): Promise<StoreForwardResult> {
  const seen = new Uint8Array(plan.events);
  let [distinct, sent] = [0, 0];
  const vendor = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      for (const [, number] of Buffer.concat(chunks).toString('latin1').matchAll(ID)) {
        const at = Number(number);
        sent += 1;
        if (seen[at] === 0) distinct += 1;
        seen[at] = 1;
      }
      response.end('1');
    });
  });
  vendor.listen(0, '127.0.0.1');
  await new Promise((resolve) => vendor.once('listening', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        vendor.close(resolve);
        vendor.closeAllConnections();
      }),
  );
  const { made, env } = await setUp();
  const control = await controlPlane();
  control.logs = new Map();
  const connection = await made.connect({
    slug: 'a',
    service: heldService,
    upstream: {
      scheme: 'http',
      host: '127.0.0.1',
      port: (vendor.address() as AddressInfo).port,
      private: true,
    },
    contract: heldService.contracts.recommended,
    state: 'severed',
  });
  made.given.routes = [
    {
      id: 'route-1',
      slug: 'kept',
      app: 'app-test',
      members: [{ connection: connection.id }],
      pay_twice: false,
      breaker: { failures: 5, open_ms: 100 },
      one_way: { do: 'hold', bytes: 100_000_000_000, days: 7, in_doubt: 'repeat' },
    },
  ];
  const key = made.issue({ connections: ['a'] });
  control.publish(await made.snapshot());
  const agent = new Agent({ connections: plan.atOnce });
  const start = () =>
    startProcess({
      ...env,
      DRAWBRIDGE_CONTROL_URL: control.url,
      DRAWBRIDGE_GATEWAY_DURABILITY: plan.durability,
    });
  let process: Started = await start();
  let unanswered = 0;
  const say = plan.say ?? (() => undefined);

  const requests = Math.ceil(plan.events / plan.batch);
  let next = 0;
  let acknowledged = 0;
  const send = async (number: number): Promise<void> => {
    const events: object[] = [];
    for (let n = number * plan.batch; n < Math.min((number + 1) * plan.batch, plan.events); n++) {
      const properties = { token: key, distinct_id: `person-${n % 5000}`, time: n, $insert_id: `e-${n}` };
      events.push({ event: 'Seen', properties });
    }
    const body = JSON.stringify(events);
    for (;;) {
      try {
        const answer = await request(`http://127.0.0.1:${process.port}/kept/track`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          dispatcher: agent,
        });
        await answer.body.dump();
        if (answer.statusCode === 200) break;
      } catch {
        unanswered += 1;
      }
      await wait(20);
    }
    acknowledged += 1;
  };
  const work = async (): Promise<void> => {
    while (next < requests) await send(next++);
  };
  const killWhen = async (isDue: (turn: number) => boolean, isOver: () => boolean): Promise<number> => {
    let turn = 1;
    for (; turn <= plan.kills; turn++) {
      while (!isDue(turn) && !isOver()) await wait(2);
      if (isOver()) break;
      process.child.kill('SIGKILL');
      await process.exited;
      process = await start();
    }
    return turn - 1;
  };
  const began = performance.now();
  const [inKeeping] = await Promise.all([
    killWhen(
      (turn) => acknowledged >= (requests * turn) / (plan.kills + 1),
      () => acknowledged >= requests,
    ),
    ...Array.from({ length: plan.atOnce }, work),
  ]);
  const keptMs = performance.now() - began;
  say(`${plan.events} events kept in ${(keptMs / 1000).toFixed(1)} s`);
  if (distinct > 0) throw new Error('the vendor was sent something while it was severed');

  connection.state = 'open';
  const opened = performance.now();
  control.publish(await made.snapshot());
  const inSending = await killWhen(
    (turn) => distinct >= (plan.events * turn) / (plan.kills + 1),
    () => distinct >= plan.events,
  );
  let last = { distinct, at: performance.now() };
  while (distinct < plan.events) {
    await wait(20);
    if (distinct > last.distinct) last = { distinct, at: performance.now() };
    if (performance.now() - last.at > 30_000) break;
  }
  const sentMs = performance.now() - opened;
  // What is still under way comes, so that it is counted.
  await wait(500);
  await agent.close();
  return { distinct, repeated: sent - distinct, unanswered, kills: inKeeping + inSending, keptMs, sentMs };
}
