export { type GatewayEnv, gatewayAuth, hashGatewayToken } from './auth.ts';
