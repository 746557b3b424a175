import { type CrossingFacts, jurisdictionOf } from '@drawbridge/protocol';
import { readKeysForSnapshot } from '../apps/index.ts';
import { findPolicyRefusal, type Names } from '../crossings/index.ts';
import { createRouter, type Platform, type Router } from '../platform/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import { accessRoutes } from './access-routes.ts';
import { type ActPolicies, createActPolicies } from './acts.ts';
import { createGrants } from './grants.ts';
import type { Keeper } from './guard.ts';
import { createPolicies } from './policies.ts';
import { policyRoutes } from './routes.ts';
import type { Starter } from './starters.ts';

interface Options {
  platform: Platform;
  catalogue: Catalogue;
  names: Names;
  /** Those that are shipped. */
  starters: () => Promise<readonly Starter[]>;
  /** Who may change policies. */
  keepers: () => Promise<readonly Keeper[]>;
  connections: () => Promise<
    readonly { id: string; vendor: string; service: string; region: string; upstream: { host: string } }[]
  >;
}

export interface PolicyRoom extends Pick<ActPolicies, 'checkAct'> {
  routes: Router;
}

/** Policies, exceptions and what people may not do, wired together. */
export function createPolicyRoom(options: Options): PolicyRoom {
  const { platform, catalogue, names, starters, keepers } = options;
  const connections = async () =>
    new Map(
      (await options.connections()).map(({ id, vendor, service, region, upstream: { host } }) => {
        const regions = catalogue.service(vendor, service)?.regions ?? [];
        return [id, { id, vendor, service, region, jurisdiction: jurisdictionOf(regions, { region, host }) }];
      }),
    );
  const keyKinds = async (): Promise<Map<string, CrossingFacts['keyKind']>> => {
    const keys = await platform.db.transaction().execute(readKeysForSnapshot);
    return new Map(keys.map(({ id, person }) => [id, person === undefined ? 'workload' : 'person']));
  };
  const policies = createPolicies({ platform, starters, keepers });
  const grants = createGrants({ platform, names, refusalOf: (id) => findPolicyRefusal(platform, id) });
  const routes = createRouter()
    .route('/', policyRoutes(policies, { platform, names, connections, keyKinds }))
    .route('/', accessRoutes(platform, grants));
  return { routes, checkAct: createActPolicies({ platform, connections }).checkAct };
}
