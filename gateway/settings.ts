/** The gateway's settings, for who starts one or listens as it does: without the gateway itself, which takes its time to load. */
export { type GatewayConfig, GatewayConfigError, readGatewayConfig } from './config.ts';
export { isLoopbackHost, listenUrl, readListenHost, wrongListenSetting } from './listen-address.ts';
export { bareAddress, isNamed, isTrusted, readAddresses } from './trusted-addresses.ts';
