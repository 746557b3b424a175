import type { ServiceDetail } from '../api/types.ts';
import { m } from '../messages/en.ts';

/** In words where a service's key stands in a request. */
export function placementName(placement: ServiceDetail['auth'][number]): string {
  const words = m.connect.placements;
  switch (placement.in) {
    case 'header':
      return words.header(placement.name);
    case 'basic':
      return words.basic(placement.part);
    case 'query':
      return words.query(placement.name);
    case 'body':
      return words.body(placement.path);
  }
}
