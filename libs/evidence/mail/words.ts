/** What a message is about, by words of its subject, English and German. */
export const abouts = ['invoice', 'security', 'welcome', 'other'] as const;
export type About = (typeof abouts)[number];

const words: readonly [About, RegExp][] = [
  [
    'invoice',
    /\b(?:invoices?|receipts?|billing|payment|your (?:bill|plan|subscription)|renewal|credit note)\b|rechnung|quittung|zahlung|abrechnung|beleg\b|gutschrift/i,
  ],
  [
    'security',
    /\b(?:password|passcode|sign-?in|log-?in|verification code|security|2fa|two-factor|mfa|api key|breach|incident|unusual|suspicious|new device)\b|passwort|sicherheit|anmeldung|anmeldecode|zugangsdaten|vorfall/i,
  ],
  [
    'welcome',
    /\b(?:welcome|get(?:ting)? started|confirm your|verify your|activate|(?:account|workspace) (?:is|was|has been) (?:created|ready)|invited you|you're in|trial)\b|willkommen|loslegen|bestätige|aktivier|eingeladen|testphase/i,
  ],
];

export function aboutOf(subject: string): About {
  for (const [about, pattern] of words) if (pattern.test(subject)) return about;
  return 'other';
}

const ENCODED = /=\?([\w-]{1,40})(?:\*[\w-]{0,20})?\?([bq])\?([^?\s]{0,2000})\?=/gi;

/** Decodes encoded words (RFC 2047); one in an unknown character set, or broken, stays as it is. */
export function decodedWords(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(ENCODED, (whole, charset: string, kind: string, data: string) => {
      const bytes = kind.toLowerCase() === 'b' ? Buffer.from(data, 'base64') : fromQ(data);
      try {
        return new TextDecoder(charset).decode(bytes);
      } catch (error) {
        // An unknown label.
        if (error instanceof RangeError) return whole;
        throw error;
      }
    });
}

function fromQ(data: string): Buffer {
  return Buffer.from(
    data
      .replaceAll('_', ' ')
      .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}
