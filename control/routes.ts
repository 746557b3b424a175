import { approvalRoutes } from './approvals/index.ts';
import { appRoutes } from './apps/index.ts';
import { canaryRoutes, createCanaries } from './canaries/index.ts';
import { contradictionRoutes, gatewayLogRoutes, readLogs } from './checkpoints/index.ts';
import { adoptionRoutes, connectionRoutes } from './connections/index.ts';
import { coverageRoutes } from './coverage/index.ts';
import { crossingRoutes, liveCrossingRoutes, shapeRoutes } from './crossings/index.ts';
import { discoveryRoutes } from './discovery/index.ts';
import { egressRoutes } from './egress/index.ts';
import { exportRoutes, pushRoutes } from './export/index.ts';
import { exposureRoutes } from './exposure/index.ts';
import { failoverRoutes } from './failover/index.ts';
import { configurationRoutes, gatewayRoutes } from './fleet/index.ts';
import { holdingsRoutes } from './holdings/index.ts';
import { activePeopleWith } from './identity/index.ts';
import { importRoutes } from './imports/index.ts';
import { blastRoutes } from './incidents/index.ts';
import { inventoryRoutes } from './inventory/index.ts';
import { keyAlarmRoutes } from './key-alarms/index.ts';
import { epochRoutes, projectionRoutes, settingRoutes } from './operations/index.ts';
import { overviewRoutes } from './overview/index.ts';
import { blobRoutes, createRouter } from './platform/index.ts';
import { privacyRoutes } from './privacy/index.ts';
import { registerRoutes } from './register/index.ts';
import { retentionRoutes } from './retention/index.ts';
import { reviewRoutes, shownNames } from './review/index.ts';
import { projections, type Rooms } from './rooms.ts';
import { issuerRoutes } from './sso/index.ts';
import { tokenRoutes } from './tokens/index.ts';
import { vaultRoutes } from './vault/index.ts';
import { knownRoutes, ownPackRoutes, packRoutes } from './vendors/index.ts';
import { workbenchRoutes } from './workbench/index.ts';
import { workloadRoutes } from './workload/index.ts';
import { wrappedColumns } from './wrapped.ts';

/** All that people, and their programs, may ask of the control plane once they are signed in. */
export function peopleRoutes(rooms: Rooms) {
  const {
    platform,
    vault,
    catalogue,
    known,
    ownPacks,
    names,
    secrets,
    approvals,
    connections,
    contracts,
    coverage,
    breakGlass,
    apps,
    imports,
    inventory,
    egress,
    failover,
    directory,
    discovery,
    detectors,
    workbench,
    contractTests,
    fetching,
    fleet,
    holdings,
    accounts,
    blobs,
    register,
    blast,
    incidents,
    obligations,
    mail,
    notices,
    exercises,
    sever,
    chain,
    erasure,
    policies,
    audit,
    root,
    rotation,
    leaks,
    residency,
    push,
    warnings,
    reviewHashes,
    contractNames,
    identity,
    tokens,
    mayGoOn,
    sso,
    workloads,
  } = rooms;
  return createRouter()
    .route('/', identity.routes)
    .route('/', tokenRoutes(tokens))
    .route('/', issuerRoutes(sso, approvals))
    .route('/', workloadRoutes(workloads))
    .route(
      '/',
      overviewRoutes({
        platform,
        connections,
        apps,
        fleet,
        names,
        directory,
        proven: register.proven,
        warnings,
      }),
    )
    .route('/', packRoutes(catalogue))
    .route('/', ownPackRoutes(ownPacks))
    .route('/', knownRoutes(known))
    .route('/', connectionRoutes({ platform, connections, contracts, approvals }))
    .route('/', approvalRoutes(approvals))
    .route('/', adoptionRoutes({ platform, catalogue, connections, breakGlass }))
    .route('/', workbenchRoutes(workbench, contractTests))
    .route('/', appRoutes(apps))
    .route('/', failoverRoutes(failover))
    .route('/', privacyRoutes(platform, names))
    .route('/', coverageRoutes(coverage))
    .route('/', fetching.routes)
    .route('/', discoveryRoutes(discovery))
    .route('/', holdingsRoutes(holdings))
    .route('/', importRoutes(imports))
    .route('/', inventoryRoutes(inventory))
    .route('/', egressRoutes(platform, egress, approvals))
    .route('/', canaryRoutes(createCanaries({ platform, catalogue })))
    .route('/', keyAlarmRoutes(platform))
    .route('/', rotation.routes)
    .route('/', leaks.routes)
    .route('/', residency.routes)
    .route('/', gatewayRoutes(fleet))
    .route('/', contradictionRoutes(platform))
    .route('/', gatewayLogRoutes(platform))
    .route('/', configurationRoutes(platform, fleet, names))
    .route(
      '/',
      liveCrossingRoutes(platform, names, (c) => mayGoOn(c, 'crossing.read')),
    )
    .route('/', crossingRoutes(platform, names))
    .route(
      '/',
      shapeRoutes(platform, {
        checkConnection: (id) => connections.get(id),
        showNames: (id, hashes) => shownNames({ platform, reviewHashes, contractNames }, id, hashes),
      }),
    )
    .route(
      '/',
      exposureRoutes(platform, {
        names,
        directory,
        proven: register.proven,
        connectionsOf: async (vendor) =>
          (await connections.all()).filter((connection) => connection.vendor === vendor),
      }),
    )
    .route(
      '/',
      reviewRoutes(platform, {
        names,
        reviewHash: async (name) => (await reviewHashes([name]))[0] ?? '',
        allowName: contracts.allow,
        allowNames: contracts.allowAll,
        connections: connections.all,
        catalogue,
      }),
    )
    .route('/', projectionRoutes(platform, projections))
    .route(
      '/',
      audit.routes(root.logs, async () => [...(await readLogs(platform)).values()].flat()),
    )
    .route('/', root.routes)
    .route('/', erasure.routes)
    .route('/', accounts.routes)
    .route('/', blobRoutes(blobs))
    .route(
      '/',
      registerRoutes(register, async () => {
        const all = await known();
        return (domain) => all.ofHost(domain)?.id;
      }),
    )
    .route('/', chain.routes)
    .route('/', blastRoutes(blast))
    .route('/', incidents.routes)
    .route('/', obligations.routes)
    .route('/', mail.routes)
    .route('/', notices.routes)
    .route('/', exercises.routes)
    .route('/', sever.routes)
    .route('/', detectors.routes)
    .route('/', policies.routes)
    .route('/', epochRoutes(secrets))
    .route('/', vaultRoutes(platform, vault, wrappedColumns(platform.deployment.id)))
    .route(
      '/',
      settingRoutes(platform, {
        approvals,
        people: async () => (await activePeopleWith(platform, 'approval.decide')).length,
      }),
    )
    .route('/', retentionRoutes(platform))
    .route(
      '/',
      exportRoutes(platform, names, (c) => mayGoOn(c, 'export.read')),
    )
    .route(
      '/',
      pushRoutes(platform, () => push.poke()),
    );
}
