import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LeaseHolder, LeaseLedger } from '@drawbridge/leases';
import { ruleOf } from '@drawbridge/protocol';
import { HistoryShelf } from '../../gateway/history/index.ts';
import { openGatewayJournal } from '../../gateway/journal/index.ts';
import { createLog } from '../../gateway/log.ts';
import { newDeployment } from '../../gateway/testing/deployment.ts';
import { aiService } from '../../gateway/testing/services.ts';
import { createUpstream } from '../../gateway/upstream/index.ts';
import { createWorker, type WorkerOptions } from '../../gateway/worker.ts';
import { loadDetectors, shippedDetectors } from '../../server/scan/pack.ts';

/**
 * A worker as it is, with a made-up deployment and the contract that pseudonymises the user id. With `off` as third
 * argument nothing is written down: only to see what the journal costs. With `text` as fourth all text is looked through
 * for secrets and people, with the shipped detectors. The journal is not shipped meanwhile.
 */
const [upstreamPort = '', directory = '', journalling = 'on', looking = ''] = process.argv.slice(2);
const deployment = await newDeployment();
const { recommended } = aiService.contracts;
if (looking === 'text') deployment.scan.rules.push(...(await loadDetectors(shippedDetectors)).map(ruleOf));
await deployment.connect({
  slug: 'ai',
  service: aiService,
  upstream: { scheme: 'http', host: '127.0.0.1', port: Number(upstreamPort), private: true },
  contract:
    looking === 'text'
      ? {
          ...recommended,
          text: { scan: 'all', found: {}, otherwise: { do: 'tokenise' }, over_budget: 'refuse' },
        }
      : recommended,
});
const key = deployment.issue({ connections: ['ai'] });
const log = createLog('warn', deployment.gatewayKeys.id);
const snapshot = await deployment.snapshot();

async function journal(): Promise<WorkerOptions['journal']> {
  if (journalling === 'off') {
    return { append: () => Promise.resolve({ index: 0 }), appendLater: () => undefined, healthy: true };
  }
  return openGatewayJournal({
    directory,
    origin: 'gateway.example.test/bench',
    payloadKey: () => Buffer.from(snapshot.payload_key, 'base64url'),
    diskKey: deployment.gatewayKeys.snapshotKey,
    post: () => Promise.reject(new Error('there is no control plane')),
    log: createLog('silent', 'bench'),
    shipping: { backoffMs: [3_600_000, 3_600_000] },
  });
}

const ledger = new LeaseLedger(() => 1);
const worker = createWorker({
  leases: new LeaseHolder(
    (name, limit, left, ends) => ledger.lease(name, limit, left, ends, Date.now()),
    Date.now,
  ),
  keys: deployment.gatewayKeys,
  journal: await journal(),
  history: new HistoryShelf({
    directory: join(tmpdir(), `drawbridge-history-${process.pid}`),
    diskKey: deployment.gatewayKeys.snapshotKey,
    clock: Date.now,
    random: randomBytes,
    log,
  }),
  upstream: createUpstream({ now: () => performance.now(), notice: () => undefined }),
  log,
  clock: Date.now,
  monotonic: () => performance.now(),
  random: randomBytes,
});
await worker.apply(snapshot);
worker.server.listen(0, '127.0.0.1', () => {
  const address = worker.server.address();
  if (address === null || typeof address === 'string') return;
  process.send?.({ ready: true, port: address.port, key });
});
process.on('disconnect', () => process.exit(0));
