import { createBlobs, type Platform, type Sealer } from '../platform/index.ts';
import { incidentsFrom, type Playbook } from './index.ts';

/** An incident room on a test's platform, beside which nothing happens: no changes, no crossings. People are made up. */
export function testIncidents(
  platform: Platform,
  sealer: () => Promise<Sealer>,
  playbook: Playbook | readonly Playbook[],
  person: (id: string) => Promise<{ id: string; name: string } | null> = async () => null,
): ReturnType<typeof incidentsFrom> {
  return incidentsFrom({
    platform,
    sealer,
    playbooks: [playbook].flat(),
    blobs: createBlobs(platform, sealer),
    changes: async () => [],
    firstCrossings: async () => [],
    messages: async () => [],
    actorName: async () => null,
    vendorNames: async () => new Map([['mixpanel', 'Mixpanel']]),
    person,
  });
}
