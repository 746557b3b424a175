import { defaultStackParser, makeNodeTransport, NodeClient, Scope } from '@sentry/node';
import { describe, expect, it } from 'vitest';
import {
  type AnalyticsWorld,
  CREDENTIAL,
  everythingSent,
  person,
  personalParts,
  type SideName,
} from './analytics-world.ts';
import type { Sheet, Weather } from './table.ts';
import { PSEUDONYM, reaching } from './world.ts';

/** Sentry's SDK for Node, unmodified, through the gateway. Everyone in it is made up. */
export function sentryNodeSuite(world: () => AnalyticsWorld, sheet: Sheet): void {
  const line = (side: SideName = 'recommended') => world()[side].sentry;

  /** Uses a client of its own, flushes it, and gives the statuses that the SDK was answered. */
  const use = async (side: SideName, work: (scope: Scope, client: NodeClient) => void, key?: string) => {
    const url = new URL(line(side).url);
    const answers: (number | undefined)[] = [];
    const client = new NodeClient({
      dsn: `${url.protocol}//${key ?? world()[side].secretKey}@${url.host}${url.pathname}/4711`,
      transport: makeNodeTransport,
      stackParser: defaultStackParser,
      integrations: [],
      release: 'app@1.2.3',
    });
    client.on('afterSendEvent', (_event, response) => answers.push(response.statusCode));
    const scope = new Scope();
    scope.setClient(client);
    client.init();
    scope.setUser({ id: person.id, email: person.email, username: person.name, ip_address: person.ip });
    scope.setTag('customer', person.orgName);
    scope.setExtra('invited_by', 'ben@example.org');
    scope.addBreadcrumb({ message: `opened ${person.url}` });
    work(scope, client);
    const isFlushed = await client.flush(4000);
    return { answers, isFlushed };
  };
  const error = () => new TypeError('no account of anna.berger@example.com');
  const file = { filename: 'anna.txt', data: 'a file of Anna Berger' };
  const calls: Record<string, (scope: Scope, client: NodeClient) => void> = {
    captureException: (scope) => scope.captureException(error()),
    captureMessage: (scope) => scope.captureMessage('Anna was here'),
    'an attachment': (scope) => {
      scope.addAttachment(file);
      scope.captureException(error());
    },
    'a large event, which the SDK packs': (scope) => {
      scope.setExtra('large', 'of Anna '.repeat(6000));
      scope.captureException(error());
    },
    transaction: (scope, client) =>
      scope.captureEvent({
        type: 'transaction',
        transaction: '/members/anna',
        start_timestamp: 1_795_000_000,
        timestamp: 1_795_000_001,
        contexts: { trace: { trace_id: '1'.repeat(32), span_id: '2'.repeat(16), op: 'http.server' } },
        spans: [],
        sdkProcessingMetadata: {
          dynamicSamplingContext: {
            trace_id: '1'.repeat(32),
            public_key: client.getDsn()?.publicKey,
          },
        },
      }),
  };

  describe.each(Object.entries(calls))('%s', (name, call) => {
    const noteAsIs = sheet.cell({ call: name, contract: 'asIs', weather: 'fine' });
    const noteRecommended = sheet.cell({ call: name, contract: 'recommended', weather: 'fine' });
    it('as is: arrives under the real key', async () => {
      const requests = await reaching(line('asIs').standin, async () => {
        expect(await use('asIs', call)).toEqual({ answers: [200], isFlushed: true });
      });
      expect(requests).toHaveLength(1);
      noteAsIs({ gave: 'delivered', attempts: requests.length });
      const text = everythingSent(requests);
      expect(text).toContain(person.email);
      expect(requests[0]?.query.get('sentry_key')).toBe(CREDENTIAL);
      expect(text).not.toContain(world().asIs.secretKey);
      if (name === 'an attachment') expect(text).toContain('a file of Anna Berger');
    });

    it('recommended: arrives with nobody in it, under the real key', async () => {
      const before = line().standin.items.length;
      const requests = await reaching(line().standin, async () => {
        expect(await use('recommended', call)).toEqual({ answers: [200], isFlushed: true });
      });
      const [item, ...others] = line().standin.items.slice(before);
      expect(others).toEqual([]);
      noteRecommended({ gave: 'delivered', attempts: requests.length });
      expect(item).toMatchObject({ project: '4711', payload: { release: 'app@1.2.3' } });
      expect(item?.payload).toMatchObject({ user: { id: expect.stringMatching(PSEUDONYM) } });
      const text = everythingSent(requests);
      for (const part of personalParts) expect(text.toLowerCase()).not.toContain(part);
      expect(requests[0]?.query.get('sentry_key')).toBe(CREDENTIAL);
      expect(text).not.toContain(world().recommended.secretKey);
    });
  });

  it('recommended: what may cross does: the kind of error, and where', async () => {
    await use('recommended', (scope) => scope.captureException(error()));
    expect(line().standin.items.at(-1)?.payload).toMatchObject({
      exception: {
        values: [
          {
            type: 'TypeError',
            stacktrace: { frames: expect.arrayContaining([expect.objectContaining({ in_app: true })]) },
          },
        ],
      },
    });
  });

  it('recommended: the key that a trace repeats is the real one', async () => {
    await use('recommended', (scope, client) => calls.transaction?.(scope, client));
    expect(line().standin.items.at(-1)?.envelope).toMatchObject({ trace: { public_key: CREDENTIAL } });
  });

  describe('attempts: one each, as the SDK keeps nothing', () => {
    const cellOf = (weather: Weather) =>
      sheet.cell({ call: 'captureException', contract: 'recommended', weather });
    const seenIn = ({ answers }: { answers: (number | undefined)[] }) => ({
      gave: answers[0] === 200 ? 'delivered' : `told ${answers[0]}`,
      attempts: answers.length,
    });
    const capture = (scope: Scope) => scope.captureException(error());

    const noteSlow = cellOf('slow');
    it('a slow vendor is waited for', async () => {
      line().standin.script.add({ do: 'delay', ms: 400 });
      const used = await use('recommended', capture);
      expect(used).toEqual({ answers: [200], isFlushed: true });
      noteSlow(seenIn(used));
    });

    const notes = { 400: cellOf('refused'), 500: cellOf('failing') };
    it.each([400, 403, 500, 503])('on %i, and the SDK is told', async (status) => {
      const step = line().standin.script.add({ do: 'answer', status }, { times: 3 });
      const used = await use('recommended', capture);
      expect(used).toEqual({ answers: [status], isFlushed: true });
      expect(step.arrivals).toHaveLength(1);
      if (status === 400 || status === 500) notes[status](seenIn(used));
      line().standin.script.clear();
    });

    const noteDropped = cellOf('dropped');
    it('when a connection is dropped', async () => {
      line().standin.script.add({ do: 'drop' }, { times: 1 });
      const used = await use('recommended', capture);
      expect(used).toEqual({ answers: [502], isFlushed: true });
      noteDropped(seenIn(used));
    });

    it('none at the vendor when the key is unknown, or stands where it can’t be swapped', async () => {
      const reached = await reaching(line().standin, async () => {
        expect(await use('recommended', capture, CREDENTIAL)).toEqual({ answers: [401], isFlushed: true });
        const key = world().recommended.secretKey;
        const answer = await fetch(`${line().url}${line().path}?sentry_key=${key}`, {
          method: 'POST',
          body: `{"dsn":"http://${key}@gateway.example.com/4711"}\n{"type":"event"}\n{}`,
        });
        expect([answer.status, await answer.json()]).toEqual([
          400,
          { detail: expect.stringContaining('$.header.dsn'), causes: ['key_mixed'] },
        ]);
      });
      expect(reached).toEqual([]);
    });

    it('none at the vendor while it is cut off', async () => {
      await world().setState(line(), 'severed');
      const reached = await reaching(line().standin, async () => {
        expect(await use('recommended', capture)).toEqual({ answers: [503], isFlushed: true });
      });
      expect(reached).toEqual([]);
      await world().setState(line(), 'open');
    });
  });
}
