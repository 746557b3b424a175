import { z } from 'zod';
import { ScanError } from '../errors.ts';
import type { Found } from '../found.ts';
import { type Origin, originsOf } from '../git.ts';
import type { Setup } from '../jobs.ts';
import type { ReportKeys } from '../marks.ts';
import type { ScanResult } from '../run.ts';
import { shownPath } from '../walk.ts';
import { type ControlPlane, noControlPlane } from './control-plane.ts';
import { pathScanner, type ToldFinding, toldFindings } from './findings.ts';
import type { Source } from './source.ts';

const MOST_A_BATCH = 1_000;
const BYTES_A_BATCH = 1024 * 1024;
const MOST_A_RUN = 100_000;
const PROGRESS_MS = 5_000;

interface Run {
  number: number;
  fresh: number;
  gone: number;
  revoked: number;
}

/** Members that are not known here are those of a later release. */
const BegunSchema = z.object({
  id: z.string().regex(/^[\w-]{1,60}$/),
  key: z.string(),
  known: z.array(z.object({ length: z.number(), hash: z.string() })),
  proofKey: z.string(),
});

/** What a report came to. */
export interface Reported extends Run {
  told: number;
  /** Findings beyond what one report takes. */
  left: number;
}

/** A scan as its control plane hears of it: begun before, told while it goes on, and ended with what was found. */
export class Report {
  readonly keys: ReportKeys;
  readonly #plane: ControlPlane;
  readonly #id: string;
  readonly #result: ScanResult;
  #batch = 0;
  /** Calls go one after the other, as batches are numbered. */
  #last: Promise<unknown> = Promise.resolve();
  #failed: unknown = null;
  readonly #timer: NodeJS.Timeout;

  private constructor(plane: ControlPlane, { id, ...keys }: ReportKeys & { id: string }, result: ScanResult) {
    this.#plane = plane;
    this.#id = id;
    this.keys = keys;
    this.#result = result;
    this.#timer = setInterval(() => {
      // A report that fails on the way is told at its end.
      this.#tell([]).catch((error: unknown) => {
        this.#failed ??= error;
        clearInterval(this.#timer);
      });
    }, PROGRESS_MS);
    this.#timer.unref();
  }

  /** `result`: what grows while the scan goes on. Throws ScanError `report_refused`, `report_failed`. */
  static async begin(plane: ControlPlane, { name, commit }: Source, result: ScanResult): Promise<Report> {
    const asked = { source: name, ...(commit === null ? {} : { commit }) };
    const begun = BegunSchema.safeParse(await plane.call('/scan-runs', asked));
    if (!begun.success) throw noControlPlane(plane.origin);
    return new Report(plane, begun.data, result);
  }

  /** No more is told of it. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /**
   * Tells all that was found. `root`: the path that was scanned; `isWhole`: all of it was looked through. Throws ScanError
   * `report_refused`, `report_failed`, `git_failed`.
   */
  async end(
    found: readonly Found[],
    {
      root,
      folders,
      rules,
      isWhole,
    }: {
      root: string;
      folders: readonly string[];
      rules: Setup['rules'];
      isWhole: boolean;
    },
  ): Promise<Reported> {
    this.stop();
    const shown = shownPath(root);
    const told = toldFindings(
      found,
      shown === '.' ? '' : shown,
      await originsOfAll(found, folders),
      pathScanner(rules, this.keys),
    );
    const kept = told.slice(0, MOST_A_RUN);
    await this.#last;
    if (this.#failed !== null) throw this.#failed;
    for (const batch of batchesOf(kept)) await this.#tell(batch);
    const left = told.length - kept.length;
    const run = await this.#plane.call<Run>(`/scan-runs/${this.#id}/end`, { whole: isWhole && left === 0 });
    return { ...run, told: kept.length, left };
  }

  #tell(findings: readonly ToldFinding[]): Promise<unknown> {
    const call = async (): Promise<void> => {
      const { files, blobs, bytes } = this.#result;
      const batch = this.#batch;
      const path = `/scan-runs/${this.#id}/findings`;
      const body = { batch, files, blobs, bytes, findings };
      try {
        await this.#plane.call(path, body);
      } catch (error) {
        if (!(error instanceof ScanError) || error.code !== 'report_failed') throw error;
        // It may have arrived: by its number it is taken once.
        await this.#plane.call(path, body);
      }
      this.#batch = batch + 1;
    };
    const done = this.#last.then(call);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

async function originsOfAll(
  found: readonly Found[],
  folders: readonly string[],
): Promise<Map<string, Origin>> {
  const wanted = new Set(found.flatMap(({ marks, object }) => (marks === null ? [] : (object ?? []))));
  const all = new Map<string, Origin>();
  for (const folder of folders) {
    for (const [object, origin] of await originsOf(folder, wanted)) all.set(object, origin);
  }
  return all;
}

function* batchesOf(findings: readonly ToldFinding[]): Generator<ToldFinding[]> {
  let batch: ToldFinding[] = [];
  let bytes = 0;
  for (const one of findings) {
    const size = Buffer.byteLength(JSON.stringify(one));
    if (batch.length > 0 && (batch.length >= MOST_A_BATCH || bytes + size > BYTES_A_BATCH)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(one);
    bytes += size;
  }
  // The last one says how much was looked through, even where nothing was found.
  yield batch;
}
