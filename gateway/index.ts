export { DRY_PSEUDONYM, type DryRequest, type DryRun, dryRun } from './dry-run.ts';
export { type DiskStorage, openDirectory } from './journal/index.ts';
export {
  type GatewayKeyFile,
  type GatewayKeys,
  GatewayKeysError,
  newGatewayKeys,
  readGatewayKeys,
} from './keys.ts';
export { hasStoredSnapshot } from './snapshot/index.ts';
export { type RunningGateway, startGateway } from './start.ts';
export { type GatewayTls, openTls } from './tls.ts';
export { v8Options } from './v8-options.ts';
