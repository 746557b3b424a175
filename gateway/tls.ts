import { X509Certificate } from 'node:crypto';
import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions, type Server } from 'node:tls';
import { readCertificates } from './certificates.ts';
import { GatewayConfigError } from './config-error.ts';
import type { TlsFiles } from './config-network.ts';
import type { GatewayLog } from './log.ts';

/** The certificate in use, as the control plane is told of it. */
export interface TlsState {
  subject: string;
  issuer: string;
  /** ISO 8601. */
  expiresAt: string;
  /** Clients must show a certificate of their own. */
  clientCertificates: boolean;
}

interface Loaded {
  options: SecureContextOptions;
  state: TlsState;
}

/** The settings that name the files, for what is said of a file that is no good. */
export interface TlsSettings {
  cert: string;
  key: string;
  clientCa: string;
}

const gatewaySettings: TlsSettings = {
  cert: 'DRAWBRIDGE_GATEWAY_TLS_CERT',
  key: 'DRAWBRIDGE_GATEWAY_TLS_KEY',
  clientCa: 'DRAWBRIDGE_GATEWAY_TLS_CLIENT_CA',
};
const EXAMPLE = '/etc/drawbridge/tls/gateway.pem';

/** What RFC 9325 (section 4.2) recommends: each with forward secrecy and authenticated encryption. */
const CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

/** How often the files are looked at. */
const WATCH_MS = 2_000;

/** TLS of a gateway: what it serves with, and its change while it serves. */
export interface GatewayTls {
  readonly options: SecureContextOptions;
  state(): TlsState;
  /** Begins to follow the files. Connections that are open stay as they are; a file that is no good changes nothing. */
  follow(server: Pick<Server, 'setSecureContext'>): void;
  /** Reads the files again now. */
  reload(): Promise<void>;
  close(): void;
}

/** Reads certificate and key. Throws GatewayConfigError that says which file is no good, and why. */
export async function openTls(
  files: TlsFiles,
  log: Pick<GatewayLog, 'info' | 'error'>,
  settings: TlsSettings = gatewaySettings,
): Promise<GatewayTls> {
  const first = await load(files, settings);
  let { state } = first;
  let server: Pick<Server, 'setSecureContext'> | null = null;
  const paths = [files.cert, files.key, ...(files.clientCa === null ? [] : [files.clientCa])];
  const changed = (): void => void reload();

  async function reload(): Promise<void> {
    try {
      const loaded = await load(files, settings);
      refuseExpired(loaded.state, files.cert, settings);
      server?.setSecureContext(loaded.options);
      state = loaded.state;
      log.info({ event: 'tls_reloaded', expires: state.expiresAt }, 'the new certificate is in use');
    } catch (cause) {
      const reason = cause instanceof GatewayConfigError ? cause.message : 'unknown';
      log.error({ event: 'tls_refused', reason }, 'the new certificate can not be used; the last one stays');
    }
  }

  return {
    options: first.options,
    state: () => state,
    follow(following) {
      server = following;
      for (const path of paths) watchFile(path, { interval: WATCH_MS, persistent: false }, changed);
    },
    reload,
    close() {
      for (const path of paths) unwatchFile(path, changed);
    },
  };
}

/** At a start there is nothing better; while another is in use, one that every client refuses must not replace it. */
function refuseExpired({ expiresAt }: TlsState, cert: string, settings: TlsSettings): void {
  if (Date.parse(expiresAt) > Date.now()) return;
  throw new GatewayConfigError(settings.cert, `certificate ${cert} has expired (${expiresAt})`, EXAMPLE);
}

async function load({ cert, key, clientCa }: TlsFiles, settings: TlsSettings): Promise<Loaded> {
  const options: SecureContextOptions = {
    ciphers: CIPHERS,
    minVersion: 'TLSv1.2',
    cert: await readPem(settings.cert, cert),
    key: await readPem(settings.key, key),
    ...(clientCa === null ? {} : { ca: await readCertificates(settings.clientCa, clientCa) }),
  };
  try {
    createSecureContext(options);
    const { subject, issuer, validTo } = new X509Certificate(options.cert as Buffer);
    const state = {
      subject: oneLine(subject),
      issuer: oneLine(issuer),
      expiresAt: new Date(validTo).toISOString(),
      clientCertificates: clientCa !== null,
    };
    return { options, state };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new GatewayConfigError(
      settings.cert,
      `certificate ${cert} and key ${key} can't be used together (${code}): both must be PEM, and the key the certificate's own`,
      EXAMPLE,
    );
  }
}

async function readPem(variable: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new GatewayConfigError(variable, `${path} can't be read (${code})`, EXAMPLE);
  }
}

const oneLine = (name: string): string => name.split('\n').join(', ').slice(0, 300);
