import type { Platform, Router, Sealer } from '../../platform/index.ts';
import type { AttachmentDeps } from './attachments.ts';
import { type IncidentBook, incidentBook } from './book.ts';
import type { FeedDeps } from './feed.ts';
import type { IncidentDeps } from './incidents.ts';
import type { Playbook } from './playbooks.ts';
import { recordRoutes } from './record-routes.ts';
import { incidentRoutes } from './routes.ts';

interface Options
  extends Pick<IncidentDeps, 'person'>,
    Pick<AttachmentDeps, 'blobs'>,
    Pick<FeedDeps, 'changes' | 'firstCrossings' | 'messages' | 'actorName'> {
  platform: Platform;
  sealer: () => Promise<Sealer>;
  playbooks: readonly Playbook[];
  vendorNames(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** The incident room: what is claimed, done, decided and asked, line by line. */
export function incidentsFrom({ playbooks, ...deps }: Options): { routes: Router; book: IncidentBook } {
  const byId = new Map(playbooks.map((playbook) => [playbook.id, playbook]));
  const room = { ...deps, playbooks: byId };
  return { routes: incidentRoutes(room).route('/', recordRoutes(room)), book: incidentBook(room) };
}
