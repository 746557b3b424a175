import type { CDPSession, Page } from 'playwright-core';

/** Chromium's own authenticator made of software, as a device that its owner unlocks whenever it asks. */
export interface Device {
  id: string;
  devtools: CDPSession;
  /** Whether the owner is recognised: a finger, a face or a code. */
  recognises(owner: boolean): Promise<void>;
}

/** Gives the page a device with passkeys. `fills`: they are offered in fields, too, and taken at once. */
export async function withDevice(page: Page, { fills = false } = {}): Promise<Device> {
  // A device of software answers what a field offers at once, which no person does.
  if (!fills)
    await page.addInitScript(() => {
      if ('PublicKeyCredential' in window)
        PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
    });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId: id } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    id,
    devtools,
    recognises: async (isUserVerified) => {
      await devtools.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified });
    },
  };
}
