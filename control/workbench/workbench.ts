import type { ContractDocument, DetectorRule, Service } from '@drawbridge/protocol';
import type { Connections, Contracts } from '../connections/index.ts';
import { invalid, Problem } from '../platform/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import type { Sample, WorkbenchRunView } from './schemas.ts';

/** One request to be tried as the gateway would take it. */
export interface Try {
  service: Service;
  rules: ContractDocument;
  detectors: readonly DetectorRule[];
  sample: Sample;
}

/** What came of it; or why nothing did, in words for people. */
export type Tried =
  | { run: WorkbenchRunView }
  | { problem: 'too_slow' | 'busy' | 'no_text_place' | 'failed'; message: string };

/** Tries a request beside this process, in bounded time. Keeps nothing of it. */
export type TryRequest = (given: Try) => Promise<Tried>;

export interface WorkbenchDeps {
  catalogue: Catalogue;
  connections: Pick<Connections, 'get'>;
  contracts: Pick<Contracts, 'history'>;
  /** What gateways look for in texts. */
  detectors: readonly DetectorRule[];
  tryRequest: TryRequest;
}

export interface Workbench {
  /** `rules`: null, the contract in force. Throws Problem. */
  run(connection: string, sample: Sample, rules: ContractDocument | null): Promise<WorkbenchRunView>;
}

const MOST_BYTES = 1024 * 1024;
const statuses = { too_slow: 422, busy: 503, no_text_place: 422, failed: 500 } as const;

/** Tries samples under a connection's contract, or a draft of one. Nothing of them is stored or logged. */
export function createWorkbench({
  catalogue,
  connections,
  contracts,
  detectors,
  tryRequest,
}: WorkbenchDeps): Workbench {
  return {
    async run(id, sample, draft) {
      const given = 'text' in sample ? sample.text : sample.body;
      const field = 'text' in sample ? 'sample.text' : 'sample.body';
      if (Buffer.byteLength(given) > MOST_BYTES) {
        throw new Problem(413, 'sample_too_large', `A sample has at most ${MOST_BYTES} bytes.`, [
          { field, message: `it has more than ${MOST_BYTES} bytes` },
        ]);
      }
      const connection = await connections.get(id);
      const service = catalogue.service(connection.vendor, connection.service);
      if (service === undefined) {
        throw invalid('id', 'the pack of this connection’s service is not there any more');
      }
      const rules = draft ?? (await contracts.history(id)).current.rules;
      const tried = await tryRequest({ service, rules, detectors, sample });
      if ('run' in tried) return tried.run;
      throw new Problem(statuses[tried.problem], `workbench_${tried.problem}`, tried.message);
    },
  };
}
