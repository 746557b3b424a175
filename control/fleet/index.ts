export { gatewayAuth, hashGatewayToken } from './auth.ts';
export { configurationRoutes, GatewaySchema } from './configuration-routes.ts';
export { createFleet, type Fleet } from './fleet.ts';
export { type Enrolment, enrolGateway } from './gateways.ts';
export { forgetOldVersions } from './history.ts';
export { fleetRoutes } from './routes.ts';
