export { gatewayAuth, hashGatewayToken } from './auth.ts';
export { createFleet, type Fleet } from './fleet.ts';
export { type Enrolment, enrolGateway } from './gateways.ts';
export { fleetRoutes } from './routes.ts';
