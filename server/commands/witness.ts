import type { BlockList } from 'node:net';
import { resolve } from 'node:path';
import { type GatewayTls, openTls } from '@drawbridge/gateway';
import { GatewayConfigError, isLoopbackHost, readAddresses } from '@drawbridge/gateway/settings';
import { logVerifier, TlogError, type Verifier } from '@drawbridge/tlog';
import { type Logger, pino } from 'pino';
import { ConfigError, type ConfigFlags, readHost, readLogLevel, readPort } from '../config.ts';
import { interrupted } from '../interrupted.ts';
import { startWitness } from '../witness/index.ts';

export interface WitnessFlags {
  key: string;
  name?: string;
  log: string[];
  dir: string;
  host: string;
  tlsCert?: string;
  tlsKey?: string;
  trustedProxy?: string;
  json?: boolean;
}

/** `drawbridge witness`: cosigns the checkpoints of logs, on a machine of its own, until it is told to stop. */
export async function witnessCommand(flags: ConfigFlags, options: WitnessFlags): Promise<void> {
  const log = pino(
    { level: readLogLevel(process.env.DRAWBRIDGE_LOG ?? 'info') },
    pino.destination({ dest: 2, sync: true }),
  );
  const network = await readWitnessNetwork(options, log);
  const logs = readLogs(options.log);
  const asked = interrupted(log);
  const witness = await startWitness({
    keyFile: resolve(options.key),
    name: options.name,
    logs,
    directory: resolve(options.dir),
    port: readPort('--port', flags.port ?? '4420', '4420'),
    ...network,
    log,
  });
  const { url, verifierKey } = witness;
  const origins = [...new Set(logs.map(({ name }) => name))];
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ url, verifierKey, logs: origins, pid: process.pid })}\n`
      : [
          'The witness serves.',
          `  Address       ${url} (POST /add-checkpoint)`,
          `  Verifier key  ${verifierKey}`,
          '                (give it to the logs, and to those who read them)',
          ...origins.map((origin) => `  Cosigns       ${origin}`),
          '  Ctrl-C stops it.',
          '',
        ].join('\n'),
  );
  await asked;
  process.stderr.write('Stopping…\n');
  await witness.stop();
  process.stderr.write('Stopped.\n');
}

function readLogs(keys: readonly string[]): Verifier[] {
  return [...new Set(keys)].map((key) => {
    try {
      return logVerifier(key);
    } catch (cause) {
      if (!(cause instanceof TlogError)) throw cause;
      throw new ConfigError('--log', cause.message, 'log.example/journal+0123abcd+AQ…');
    }
  });
}

interface WitnessNetwork {
  host: string;
  tls: GatewayTls | null;
  trustedProxies: BlockList | null;
}

/** The rules of the gateway: beyond this machine with TLS only, its own or that of a proxy that is named. */
async function readWitnessNetwork(options: WitnessFlags, log: Logger): Promise<WitnessNetwork> {
  const { tlsCert, tlsKey, trustedProxy } = options;
  const host = readHost('--host', options.host);
  const trustedProxies = trustedProxy === undefined ? null : readAddresses(trustedProxy);
  if (trustedProxies !== null && 'wrong' in trustedProxies)
    throw new ConfigError('--trusted-proxy', trustedProxies.wrong, '10.0.3.7,10.0.4.0/24');
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new ConfigError(
      tlsCert === undefined ? '--tls-cert' : '--tls-key',
      'certificate and key are given together',
      '/etc/drawbridge/tls/witness.pem',
    );
  const tls = tlsCert === undefined || tlsKey === undefined ? null : await readTls(tlsCert, tlsKey, log);
  if (tls === null && trustedProxies === null && !isLoopbackHost(host))
    throw new ConfigError(
      '--host',
      `${host} is reached from other machines, and anything between could answer in the witness's place; give --tls-cert and --tls-key, or name with --trusted-proxy the addresses of the proxy that ends TLS in front`,
      '127.0.0.1',
    );
  return { host, tls, trustedProxies };
}

async function readTls(cert: string, key: string, log: Logger): Promise<GatewayTls> {
  try {
    // No flag asks witnesses' clients for certificates.
    const settings = { cert: '--tls-cert', key: '--tls-key', clientCa: '' };
    return await openTls({ cert, key, clientCa: null }, log, settings);
  } catch (cause) {
    if (!(cause instanceof GatewayConfigError)) throw cause;
    throw new ConfigError(cause.variable, cause.wrong, cause.example);
  }
}
