export { gatewayAuth, hashGatewayToken } from './auth.ts';
export { configurationRoutes } from './configuration-routes.ts';
export { readStoredCredentials } from './content.ts';
export { createFleet, type Fleet } from './fleet.ts';
export { type Enrolment, enrolGateway, type GatewayOverview, GatewaySchema } from './gateways.ts';
export { forgetOldVersions, readHosts } from './history.ts';
export { configurationRevision, gatewaysAt, publishedSince } from './reach.ts';
export { fleetRoutes, gatewayRoutes } from './routes.ts';
