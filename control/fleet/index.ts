export { gatewayAuth, hashGatewayToken } from './auth.ts';
export { createFleet, type Fleet } from './fleet.ts';
export { type Enrolment, enrolGateway, GatewaySchema } from './gateways.ts';
export { fleetRoutes, gatewayRoutes } from './routes.ts';
