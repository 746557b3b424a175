import type { Topic } from './types.ts';

/** What a text wants of its reader, in English and German: rules that people can read, no model. */

export type Ask = 'credential' | 'payment' | 'code' | 'key' | 'install' | 'call' | 'sign_in';

const asks: readonly (readonly [Ask, RegExp])[] = [
  [
    'credential',
    /\b(?:enter|provide|confirm|verify|reply with|send(?: us)?|submit|update) (?:your |the )?(?:\w+ ){0,2}(?:password|passphrase|credentials|pin)\b|\bpasswor(?:d|t) (?:angeben|eingeben|bestätigen|senden|mitteilen)\b/i,
  ],
  [
    'credential',
    /\b(?:verify|confirm|validate|re-?activate|restore|unlock) your (?:\w+ ){0,2}(?:account|identity|mailbox|wallet|organi[sz]ation)\b|\b(?:bestätigen|verifizieren) sie ihr(?:e|en)? (?:konto|identität|zugang)/i,
  ],
  [
    'code',
    /\b(?:enter|provide|reply with|send(?: us)?|share|tell us) (?:the |your )?(?:\w+[- ]){0,3}(?:code|otp|token)\b|\bcode (?:mitteilen|senden|nennen)\b/i,
  ],
  [
    'key',
    /\b(?:send|share|provide|reply with|paste|upload) (?:us )?(?:your |the )?(?:\w+ ){0,2}(?:api[- ]?keys?|secret keys?|private keys?|seed phrase)\b|\bapi[- ]?schlüssel (?:senden|mitteilen)/i,
  ],
  [
    'payment',
    /\b(?:pay|settle|update|confirm) (?:your |the |this )?(?:\w+ ){0,3}(?:invoice|bill|payment|billing|card)\b|\bwire transfer\b|\bgift cards?\b|\bbank details\b|\b(?:rechnung|zahlung) (?:bezahlen|begleichen|bestätigen)/i,
  ],
  [
    'install',
    /\b(?:install|download|run|open) (?:the |this |our |attached )(?:\w+ ){0,3}(?:app|update|client|file|document|attachment|tool|software|extension)\b|\b(?:installieren|laden) sie\b/i,
  ],
  [
    'call',
    /\b(?:call|phone|dial|ring) (?:us |our )?(?:\w+ ){0,5}\+?[(\d][\d\s().-]{6,}\d|\brufen sie\b[^.]{0,60}\d{5}/i,
  ],
  [
    'sign_in',
    /\b(?:sign|log)[- ]?in\b|\bclick (?:here|below|the (?:link|button))\b|\banmelden\b|\bklicken sie\b/i,
  ],
];

const urgent =
  /\b(?:immediately|urgent(?:ly)?|within (?:the next )?(?:\d+|twenty[- ]four) ?(?:hours?|h|minutes?|days?)|final (?:notice|warning|reminder)|will be (?:suspended|terminated|closed|deleted|disabled|deactivated|locked|restricted)|has been (?:suspended|locked|restricted|limited)|act now|last chance|expires? today|sofort|umgehend|dringend|innerhalb von \d+ stunden|wird (?:gesperrt|gelöscht|geschlossen))\b/i;

const topics: readonly (readonly [Topic, RegExp])[] = [
  [
    'usage',
    /\bapi (?:usage|limit|quota|requests?)\b|\b(?:usage|rate|spend(?:ing)?) limit\b|\bquota\b|\bnutzungsgrenze\b/i,
  ],
  [
    'billing',
    /\binvoices?\b|\bbilling\b|\bpayment(?:s)?\b|\bcharged?\b|\breceipt\b|\brefund\b|\bcredit card\b|\brechnung\b|\bzahlung\b/i,
  ],
  [
    'subscription',
    /\bsubscriptions?\b|\brenewal\b|\bplan (?:change|upgrade|downgrade)\b|\btrial\b|\babonnement\b|\bkündigung\b/i,
  ],
  [
    'security',
    /\bsecurity\b|\bsuspicious\b|\bunauthori[sz]ed\b|\bbreach\b|\bnew (?:sign|log)[- ]?in\b|\bpassword\b|\btwo[- ]factor\b|\bmfa\b|\bapi[- ]?keys?\b|\bleaked\b|\bsicherheit/i,
  ],
  ['account', /\baccount\b|\bverify\b|\bsuspend(?:ed)?\b|\bdisabled\b|\bprofile\b|\bmembers?\b|\bkonto\b/i],
];

/** "We will never ask you to send your key" asks for none; "do not forget to send your key" does. */
const denied =
  /(?:\b(?:never|not|nobody|no one|nie|niemals|nicht)\b|n[’']t\b)(?!\s+(?:forget|fail|hesitate|delay|wait|only|vergessen)\b)[^.!?\n]*$/i;
const deniable = new Set<Ask>(['credential', 'code', 'key', 'payment']);
const MOST_LOOKED_AT = 50;

export function asksOf(text: string): Ask[] {
  return [
    ...new Set(asks.flatMap(([ask, pattern]) => (wants(text, pattern, deniable.has(ask)) ? [ask] : []))),
  ];
}

/** Whether a wish stands anywhere without its denial before it in the same sentence. */
function wants(text: string, pattern: RegExp, canBeDenied: boolean): boolean {
  if (!canBeDenied) return pattern.test(text);
  let looked = 0;
  for (const { index } of text.matchAll(new RegExp(pattern.source, 'gi'))) {
    looked++;
    if (looked > MOST_LOOKED_AT || !denied.test(text.slice(Math.max(0, index - 80), index))) return true;
  }
  return false;
}

export const isUrgent = (text: string): boolean => urgent.test(text);

/** The subject first, then the text. */
export function topicOf(subject: string, text: string): Topic {
  const find = (words: string) => topics.find(([, pattern]) => pattern.test(words))?.[0];
  return find(subject) ?? find(text) ?? 'other';
}
