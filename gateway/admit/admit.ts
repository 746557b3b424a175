import type { BlockList } from 'node:net';
import type { FoundKey, LiveConnection, LiveCredential, LiveKey } from '../crossing.ts';
import { type CompiledEndpoint, type ModelPattern, patternFor } from '../inspect/index.ts';
import { Refusal } from '../refusal/index.ts';
import { isWithin } from '../source.ts';

export interface AdmitInput {
  key: LiveKey;
  /** Every place where the key stood. */
  found: readonly FoundKey[];
  connection: LiveConnection;
  endpoint: CompiledEndpoint;
  /** The browser's Origin header, if any. */
  origin: string | undefined;
  /** The caller's; null: it can't be told. */
  address: string | null;
  /** Milliseconds since 1970. */
  now: number;
}

type KeyInput = Omit<AdmitInput, 'found' | 'endpoint' | 'now'> & { endpoint: { class: string } };

/**
 * What the key itself allows, before any work on the body: connection, network, endpoint class, origin. Then whether the
 * connection can serve at all, and with the key in this place. Throws Refusal `key_not_allowed`, `network_not_allowed`,
 * `origin_not_allowed`, `connection_severed`, `connection_withheld`, `credential_missing`, `credential_unusable`, `signer_not_supported`.
 */
export function admit(input: AdmitInput): void {
  admitKey(input);
  admitConnection(input.connection, input.found, input.now);
}

/** The part of `admit` that the key alone decides. */
export function admitKey(input: KeyInput): void {
  const { key, connection, endpoint } = input;
  if (!key.config.connections.includes(connection.config.id)) {
    throw refused('key_not_allowed', 'This virtual key is not for this connection. Check the base URL.');
  }
  if (key.networks !== null) admitNetwork(key.networks, input.address);
  if (key.config.kind === 'publishable') admitPublishable(input);
  else admitSecret(input);
  if (!key.config.classes.includes(endpoint.class)) {
    throw refused(
      'key_not_allowed',
      `This virtual key may not call "${endpoint.class}" endpoints. Its app's owner can allow them in Drawbridge.`,
    );
  }
}

/** An address that can't be told is in no network. */
function admitNetwork(networks: BlockList, address: string | null): void {
  if (address !== null && isWithin(address, networks)) return;
  throw refused(
    'network_not_allowed',
    address === null
      ? 'This virtual key may be used from named networks only, and the proxy before the gateway does not say where the request comes from (x-forwarded-for).'
      : "This virtual key may not be used from this network. Its app's owner can see and change its networks in Drawbridge.",
  );
}

/**
 * Whether the key may ask for a model. Null: the request names none that can be read, which a key that is bound to models
 * may not do. Throws Refusal `model_not_allowed`.
 */
export function admitModel(models: readonly ModelPattern[], model: string | null): void {
  if (model !== null && patternFor(model, models) !== null) return;
  throw refused(
    'model_not_allowed',
    model === null
      ? 'This virtual key is bound to named models, and the request names no model that Drawbridge can read. Name it in the request itself.'
      : `This virtual key may ask for ${listed(models)} only, and the request asks for another model. Its app's owner can change that in Drawbridge.`,
  );
}

const MOST_LISTED = 5;

function listed(models: readonly ModelPattern[]): string {
  const names = models.slice(0, MOST_LISTED).map(({ text }) => text);
  return names.join(', ') + (models.length > MOST_LISTED ? ` and ${models.length - MOST_LISTED} more` : '');
}

/** A publishable key can be read by anyone: it works only from listed pages, and only to hand events in. */
function admitPublishable({ key, connection, endpoint, origin }: KeyInput): void {
  if (endpoint.class !== 'ingest' || !connection.service.browser) {
    throw refused(
      'key_not_allowed',
      'A publishable key can only send to endpoints that take events in. Use a secret key, on a server, for others.',
    );
  }
  const listed =
    origin !== undefined &&
    origin !== 'null' &&
    key.config.origins.includes(origin) &&
    connection.config.origins.includes(origin);
  if (!listed) {
    throw refused(
      'origin_not_allowed',
      "A publishable key works only in pages of the origins listed for it and for its connection; this request's is not among them.",
    );
  }
}

/** A secret key that comes with an Origin header sits in a web page, where every visitor can read it. */
function admitSecret({ origin }: KeyInput): void {
  if (origin === undefined) return;
  throw refused(
    'origin_not_allowed',
    'A secret key came from a browser: treat it as exposed, revoke it, and use a publishable key in pages. ' +
      'If a server of yours passes browser requests on, let it remove the Origin header.',
  );
}

/** Whether what lets it be used has run out since the snapshot was made: the control plane may be away when it does. */
export function isOver({ config }: LiveConnection, now: number): boolean {
  return config.closes_at !== undefined && config.closes_at <= now;
}

function admitConnection(connection: LiveConnection, found: readonly FoundKey[], now: number): void {
  if (connection.config.state === 'severed') {
    throw refused(
      'connection_severed',
      'This vendor is cut off for now: nothing crosses to it until the connection is opened again in Drawbridge.',
    );
  }
  const { withheld } = connection.config;
  if (withheld !== undefined) {
    throw refused(
      'connection_withheld',
      `This connection may not be used: ${withheld.join(' ')} Its page in Drawbridge shows what is missing, and who can let it work for a time.`,
    );
  }
  if (isOver(connection, now)) {
    throw refused(
      'connection_withheld',
      'This connection may not be used any more: what let it be used has run out. Its page in Drawbridge shows what is missing, and who can let it work for a time.',
    );
  }
  if (connection.credential !== null) {
    admitPlaces(connection.credential, found);
    return;
  }
  if (connection.credentialProblem === 'signer_not_supported') {
    throw refused(
      'signer_not_supported',
      'This gateway can not sign in the way that the vendor asks for. Use a service that takes a key, or AWS signatures.',
    );
  }
  throw connection.credentialProblem === 'credential_unusable'
    ? refused(
        'credential_unusable',
        'The credential of this connection was entered for another host or place. Enter it again in Drawbridge.',
      )
    : refused('credential_missing', 'This connection has no credential yet. Enter it in Drawbridge.');
}

/** The credential goes where the key stood: a place that nobody entered it for is refused. */
function admitPlaces({ places }: LiveCredential, found: readonly FoundKey[]): void {
  for (const { placement } of found) {
    if (places.has(placement)) continue;
    throw refused(
      'credential_unusable',
      'The key stands in a place that the credential of this connection is not bound to: it was entered before the ' +
        "vendor's pack knew this place. Enter it again in Drawbridge.",
    );
  }
}

function refused(
  code:
    | 'key_not_allowed'
    | 'network_not_allowed'
    | 'model_not_allowed'
    | 'origin_not_allowed'
    | 'connection_severed'
    | 'connection_withheld'
    | 'credential_missing'
    | 'credential_unusable'
    | 'signer_not_supported',
  message: string,
): Refusal {
  return new Refusal(code, 'admit', message);
}
