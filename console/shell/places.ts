import { useActions } from '../api/may.ts';
import { m } from '../messages/en.ts';

/**
 * The rail, in the order of the questions people come with. `key` follows `g` on the keyboard; who may not do what a place
 * `needs` is not shown the way to it.
 */
export const places = [
  { to: '/', name: m.rail.overview, key: 'o', needs: 'overview.read' },
  { to: '/vendors', name: m.rail.vendors, key: 'v', needs: 'vendor.read' },
  { to: '/map', name: m.rail.map, key: 'b', needs: 'chain.read' },
  { to: '/discover', name: m.rail.discover, key: 'i', needs: 'discovery.read' },
  { to: '/world', name: m.rail.world, key: 'm', needs: 'residency.read' },
  { to: '/what-if', name: m.rail.whatIf, key: 'f', needs: 'incident.read' },
  { to: '/incidents', name: m.rail.incidents, key: 'j', needs: 'incident.read' },
  { to: '/crossings', name: m.rail.crossings, key: 'c', needs: 'crossing.read' },
  { to: '/egress', name: m.rail.egress, key: 'n', needs: 'egress.read' },
  { to: '/apps', name: m.rail.apps, key: 'a', needs: 'app.read' },
  { to: '/accounts', name: m.rail.accounts, key: 't', needs: 'account.read' },
  { to: '/keys', name: m.rail.keysEverywhere, key: 'k', needs: 'inventory.read' },
  { to: '/leaks', name: m.rail.leaks, key: 'x', needs: 'leak.read' },
  { to: '/vault', name: m.rail.vault, key: 'h', needs: 'vault.read' },
  { to: '/policies', name: m.rail.policies, key: 'l', needs: 'policy.read' },
  { to: '/messages', name: m.rail.messages, key: 'y', needs: 'message.report' },
  { to: '/detectors', name: m.rail.detectors, key: 'd', needs: 'detector.read' },
  { to: '/approvals', name: m.rail.approvals, key: 'w', needs: 'approval.read' },
  { to: '/review', name: m.rail.review, key: 'r', needs: 'review.read' },
  { to: '/replay', name: m.rail.replay, key: 'p', needs: 'overview.read' },
  { to: '/audit', name: m.rail.audit, key: 'u', needs: 'log.read' },
  { to: '/people', name: m.rail.people, key: 'e', needs: 'person.read' },
  { to: '/settings', name: m.rail.settings, key: 's' },
] as const;

export type Place = (typeof places)[number];

/** The places that whoever is signed in may see. */
export function usePlaces(): Place[] {
  const actions = useActions();
  return places.filter((place) => !('needs' in place) || actions.has(place.needs));
}
