import { randomBytes } from 'node:crypto';
import { sealTo } from '@drawbridge/envelope';
import { openJournal } from '@drawbridge/journal';
import { ForgetfulStorage } from '@drawbridge/journal/forgetful';
import type { OneWay, Route, Service } from '@drawbridge/protocol';
import type { Deployment } from '../testing/deployment.ts';
import { analyticsService } from '../testing/services.ts';
import { Holds, openKeyWith } from './index.ts';

/** Kept requests in memory, on disks that outlive the gateway that wrote them. */

/** The made-up analytics vendor, which removes duplicates by `insert_id`. */
export const heldService: Service = {
  ...analyticsService,
  id: 'kept',
  endpoints: analyticsService.endpoints.map((endpoint) => ({
    ...endpoint,
    accepted: [
      { when: { query: 'verbose', is: '1' }, content_type: 'application/json', body: '{"status":{count}}' },
      { content_type: 'text/plain', body: '1' },
    ],
    ...(endpoint.fields === undefined
      ? {}
      : {
          fields: {
            ...endpoint.fields,
            fields: [
              ...endpoint.fields.fields,
              { path: 'properties.$insert_id', class: 'event.id' as const },
            ],
          },
        }),
    insert_id: { path: 'properties.$insert_id', with: ['properties.time'] },
  })),
};

export const holding = (change: Partial<Extract<OneWay, { do: 'hold' }>> = {}): Pick<Route, 'one_way'> => ({
  one_way: { do: 'hold', bytes: 50_000_000, days: 7, in_doubt: 'repeat', ...change },
});

/** Directories by connection, as they are found by whoever opens them next. */
export class Disks {
  readonly #disks = new Map<string, ForgetfulStorage>();
  /** Set: the next writes find no space. */
  isFull = false;

  /** What the power going, or only the process being killed, leaves. */
  restart(how: 'power' | 'kill'): void {
    for (const [name, disk] of this.#disks)
      this.#disks.set(
        name,
        how === 'power' ? disk.afterPowerCut(this.#options) : disk.afterKill(this.#options),
      );
  }

  readonly #options = {
    random: Math.random,
    fault: ({ kind }: { kind: string }) => (this.isFull && kind === 'append' ? ('enospc' as const) : null),
  };

  holds({ gatewayKeys }: Pick<Deployment, 'gatewayKeys'>): Holds {
    return new Holds({
      list: async () => [...this.#disks.keys()],
      open: async (connection) => {
        const disk = this.#disks.get(connection) ?? new ForgetfulStorage(this.#options);
        this.#disks.set(connection, disk);
        return openJournal({
          storage: disk,
          origin: `test.hold/${connection}`,
          limits: { laterMs: 5, segmentBytes: 4096, backoffMs: [1, 5] },
          clock: {
            now: () => Date.now(),
            after(ms, run) {
              const timer = setTimeout(run, ms);
              return () => clearTimeout(timer);
            },
          },
          random: randomBytes,
          sealDataKey: (dataKey, context) => sealTo(gatewayKeys.publicKey, dataKey, context),
          report: () => undefined,
        });
      },
      openKey: openKeyWith(gatewayKeys.privateKey),
    });
  }
}
