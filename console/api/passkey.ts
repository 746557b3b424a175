/**
 * Passkeys of this browser (WebAuthn Level 3, https://www.w3.org/TR/webauthn-3/). What goes over the wire is its JSON
 * form. It is made here rather than by the browser's own `toJSON`, which phones of a few years and some password managers lack.
 */

export type PasskeyTrouble = 'cancelled' | 'known' | 'place' | 'unable';

/** The browser made or used no passkey. */
export class PasskeyError extends Error {
  readonly code: PasskeyTrouble;

  constructor(code: PasskeyTrouble, cause: unknown) {
    super(`No passkey: ${code}.`, { cause });
    this.name = 'PasskeyError';
    this.code = code;
  }
}

/** Whether a passkey can be made and used here: the browser knows them, and the console is opened by a name. */
export function passkeyAbility(): 'able' | 'address' | 'browser' {
  if (/^[\d.]+$|^\[/.test(location.hostname)) return 'address';
  return 'PublicKeyCredential' in window && window.isSecureContext ? 'able' : 'browser';
}

/** Whether the browser offers passkeys among what it fills into a field. */
export async function canAutofill(): Promise<boolean> {
  if (passkeyAbility() !== 'able') return false;
  return (await window.PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false;
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function textOf(bytes: ArrayBuffer): string {
  const plain = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('');
  return btoa(plain).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function named(list: PublicKeyCredentialDescriptorJSON[] | undefined): PublicKeyCredentialDescriptor[] {
  return (list ?? []).map((one) => ({
    id: bytesOf(one.id),
    type: 'public-key',
    ...(one.transports ? { transports: one.transports as AuthenticatorTransport[] } : {}),
  }));
}

function troubleOf(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  const codes: Readonly<Record<string, PasskeyTrouble>> = {
    NotAllowedError: 'cancelled',
    AbortError: 'cancelled',
    InvalidStateError: 'known',
    SecurityError: 'place',
  };
  return new PasskeyError(codes[error.name] ?? 'unable', error);
}

function found(credential: Credential | null): PublicKeyCredential {
  if (credential instanceof PublicKeyCredential) return credential;
  throw new PasskeyError('unable', null);
}

/** Makes a passkey: the device asks for a finger, a face or its code. Throws PasskeyError. */
export async function makePasskey(options: PublicKeyCredentialCreationOptionsJSON): Promise<object> {
  const { extensions: _unused, ...plain } = options;
  const publicKey = {
    ...plain,
    challenge: bytesOf(options.challenge),
    user: { ...options.user, id: bytesOf(options.user.id) },
    excludeCredentials: named(options.excludeCredentials),
  } as PublicKeyCredentialCreationOptions;
  const made = found(
    await navigator.credentials.create({ publicKey }).catch((error: unknown) => {
      throw troubleOf(error);
    }),
  );
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    ...envelope(made),
    response: {
      clientDataJSON: textOf(response.clientDataJSON),
      attestationObject: textOf(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

/** Uses a passkey. With `filling` it waits for one to be chosen in a field, for as long as `signal` lets it. */
export async function answerWithPasskey(
  options: PublicKeyCredentialRequestOptionsJSON,
  filling?: AbortSignal,
): Promise<object> {
  const { extensions: _unused, ...plain } = options;
  const publicKey = {
    ...plain,
    challenge: bytesOf(options.challenge),
    allowCredentials: named(options.allowCredentials),
  } as PublicKeyCredentialRequestOptions;
  const asked: CredentialRequestOptions =
    filling === undefined ? { publicKey } : { publicKey, mediation: 'conditional', signal: filling };
  const used = found(
    await navigator.credentials.get(asked).catch((error: unknown) => {
      throw troubleOf(error);
    }),
  );
  const response = used.response as AuthenticatorAssertionResponse;
  return {
    ...envelope(used),
    response: {
      clientDataJSON: textOf(response.clientDataJSON),
      authenticatorData: textOf(response.authenticatorData),
      signature: textOf(response.signature),
      ...(response.userHandle ? { userHandle: textOf(response.userHandle) } : {}),
    },
  };
}

function envelope(credential: PublicKeyCredential): object {
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    ...(credential.authenticatorAttachment
      ? { authenticatorAttachment: credential.authenticatorAttachment }
      : {}),
  };
}
