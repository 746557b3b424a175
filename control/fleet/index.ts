export { type GatewayEnv, gatewayAuth, hashGatewayToken } from './auth.ts';
export { createFleet, type Fleet, type FleetDeps } from './fleet.ts';
export { type Enrolment, enrolGateway, type GatewayOverview } from './gateways.ts';
export { fleetRoutes } from './routes.ts';
