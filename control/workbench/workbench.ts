import type { ContractDocument, DetectorRule, Service } from '@drawbridge/protocol';
import type { KnownValue } from '@drawbridge/scan';
import type { Connections, Contracts } from '../connections/index.ts';
import type { OwnScan, Trying } from '../detectors/index.ts';
import { Problem } from '../platform/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import type { Sample, WorkbenchRunView } from './schemas.ts';

/** What samples are looked through for. */
export interface LookedFor {
  detectors: readonly DetectorRule[];
  own: OwnScan;
  /** Which runs of the sample are registered secrets, as far as that is known by now. */
  told: ReadonlyMap<string, KnownValue>;
}

/** One request to be tried as the gateway would take it. */
export interface Try extends LookedFor {
  service: Service;
  rules: ContractDocument;
  sample: Sample;
}

/** What came of it, and the runs that may be registered secrets; or why nothing did, in words for people. */
export type Tried =
  | { run: WorkbenchRunView; asked: readonly string[] }
  | { problem: 'too_slow' | 'busy' | 'no_text_place' | 'failed'; message: string; asked?: never };

/** A text whose found values are replaced by made-up ones. */
export interface MakeUp extends LookedFor {
  service: Service;
  text: string;
}

export interface MadeUpText {
  text: string;
  replaced: number;
  lost: number;
  left: { class: string; span: { start: number; end: number } }[];
}

/** Tries requests as the gateway would take them, beside this process and in bounded time. Keeps nothing of them. */
export interface Bench {
  tryRequest(given: Try): Promise<Tried>;
  makeUp(
    given: MakeUp,
  ): Promise<{ made: MadeUpText; asked: readonly string[] } | Exclude<Tried, { run: unknown }>>;
}

export interface WorkbenchDeps {
  catalogue: Catalogue;
  connections: Pick<Connections, 'get'>;
  contracts: Pick<Contracts, 'history'>;
  /** What gateways look for in texts: of vendors, and of the organisation itself. */
  detectors: readonly DetectorRule[];
  trying: () => Promise<Trying>;
  bench: Bench;
}

export interface Workbench {
  /** `rules`: null, the contract in force. Throws Problem. */
  run(connection: string, sample: Sample, rules: ContractDocument | null): Promise<WorkbenchRunView>;
  /** The sample's text with made-up values. Throws Problem. */
  madeUp(connection: string, sample: Sample): Promise<MadeUpText>;
  /** Throws Problem 404. */
  expectConnection(connection: string): Promise<void>;
}

const MOST_BYTES = 1024 * 1024;
const statuses = { too_slow: 422, busy: 503, no_text_place: 422, failed: 500 } as const;

/** Tries samples under a connection's contract, or a draft of one. Nothing of them is stored or logged. */
export function createWorkbench({
  catalogue,
  connections,
  contracts,
  detectors,
  trying,
  bench,
}: WorkbenchDeps): Workbench {
  async function serviceOf(id: string): Promise<Service> {
    const connection = await connections.get(id);
    const service = catalogue.service(connection.vendor, connection.service);
    if (service !== undefined) return service;
    throw new Problem(409, 'pack_missing', 'The pack of this connection’s service is not there any more.');
  }

  return {
    async run(id, sample, draft) {
      textOf(sample);
      const service = await serviceOf(id);
      const rules = draft ?? (await contracts.history(id)).current.rules;
      const { own, names, attempt } = await trying();
      const tried = await attempt((told) =>
        bench.tryRequest({ service, rules, detectors, own, told, sample }),
      );
      if ('run' in tried) return named(tried.run, names);
      throw problemOf(tried);
    },

    async madeUp(id, sample) {
      const text = textOf(sample);
      const service = await serviceOf(id);
      const { own, attempt } = await trying();
      const tried = await attempt((told) => bench.makeUp({ service, detectors, own, told, text }));
      if ('made' in tried) return tried.made;
      throw problemOf(tried);
    },

    async expectConnection(id) {
      await connections.get(id);
    },
  };
}

/** Own patterns with what people call them. */
function named(run: WorkbenchRunView, names: ReadonlyMap<string, string>): WorkbenchRunView {
  const findings = run.findings.map((one) => {
    const name = one.detector.startsWith(OWN) ? names.get(one.detector.slice(OWN.length)) : undefined;
    return name === undefined ? one : { ...one, why: `${one.why} (${name})` };
  });
  return { ...run, findings };
}

const OWN = 'custom.';

/** Throws Problem 413. */
function textOf(sample: Sample): string {
  const isText = 'text' in sample;
  const given = isText ? sample.text : sample.body;
  if (Buffer.byteLength(given) <= MOST_BYTES) return given;
  throw new Problem(413, 'sample_too_large', `A sample has at most ${MOST_BYTES} bytes.`, [
    { field: isText ? 'sample.text' : 'sample.body', message: `it has more than ${MOST_BYTES} bytes` },
  ]);
}

function problemOf({ problem, message }: Exclude<Tried, { run: unknown }>): Problem {
  return new Problem(statuses[problem], `workbench_${problem}`, message);
}
