/**
 * Sentences that people read, by code: what the database and the journal keep are codes. English first; another
 * language is another object of the same keys.
 */
const english = {
  'refusal.unknown_connection': 'No connection has this path prefix.',
  'refusal.unknown_endpoint': 'The vendor pack knows no endpoint at this path.',
  'refusal.upgrade_not_supported': 'A WebSocket was asked for, and none is served.',
  'refusal.method_not_allowed': 'The endpoint is not called with this method.',
  'refusal.headers_too_large': 'The request headers were larger than the gateway takes.',
  'refusal.body_too_large': 'The request body was larger than the gateway takes.',
  'refusal.body_timeout': 'The request body did not arrive in time.',
  'refusal.bad_request': 'The request was not valid HTTP, or not of the documented form.',
  'refusal.key_missing': 'The request carried no virtual key.',
  'refusal.key_unknown': 'The virtual key is not known, or was revoked.',
  'refusal.key_mixed': 'The batch carried two different virtual keys, so all of it was refused.',
  'refusal.key_expired': 'The virtual key has expired.',
  'refusal.key_not_allowed': 'The virtual key may not be used for this connection or kind of endpoint.',
  'refusal.network_not_allowed': 'The virtual key may not be used from this network.',
  'refusal.model_not_allowed': 'The virtual key may not ask for this model.',
  'refusal.canary_used': 'A canary key was used: nobody has it but who took it from where it was planted.',
  'refusal.origin_not_allowed': 'The web page that called is not among the origins allowed.',
  'refusal.rate_limited': 'The virtual key was used more often than its cap allows.',
  'refusal.budget_exhausted':
    'The virtual key had used up its budget of the day, which begins anew at midnight UTC.',
  'refusal.budget_unavailable': 'What the virtual key had used could not be counted, so nothing was sent.',
  'refusal.price_unknown':
    'The virtual key has a budget in money, and the vendor pack knows no price in its currency for the model.',
  'refusal.body_unreadable': 'The body had to be read and could not be, so it was not passed on.',
  'refusal.body_too_deep': 'The body was nested deeper than the gateway reads.',
  'refusal.field_refused': 'The data contract refuses requests that carry this class of data.',
  'refusal.scan_over_budget':
    'The request held more text than the gateway looks through, so it was not sent.',
  'refusal.scan_failed': 'The text of the request could not be looked through, so it was not sent.',
  'refusal.kept_at_vendor':
    'The request went on from what the vendor keeps, and the tokens in that can not be put back.',
  'refusal.history_unknown':
    'The request named something that the vendor keeps and that the gateway knows no tokens of.',
  'refusal.history_unavailable':
    'The disk of the gateway did not give or take what it keeps of histories, so nothing was sent.',
  'refusal.model_not_routed': 'No connection of the route has the model that was asked for.',
  'refusal.route_exhausted': 'None of the connections of the route could take the request.',
  'refusal.route_dropped': 'No connection took the events, and the route drops what none takes.',
  'refusal.hold_full': 'No more was kept for a vendor that takes nothing now.',
  'refusal.hold_unavailable': 'The gateway could not keep the events on its disk.',
  'refusal.egress_off': 'The egress proxy is not set up, so it serves nobody.',
  'refusal.egress_app': 'The app may not use the egress proxy.',
  'refusal.egress_host': 'The request named no host that the egress proxy can ask.',
  'refusal.egress_port': 'The egress proxy does not open this port.',
  'refusal.egress_private': 'The host has an address that the egress proxy does not reach.',
  'refusal.egress_severed': 'The vendor of this host is cut off.',
  'refusal.egress_denied': 'The host, or its vendor, is on the list of those that may not be reached.',
  'refusal.egress_address': 'The host is an address that is not listed.',
  'refusal.egress_not_listed': 'The host is not on the list of those that may be reached.',
  'refusal.egress_name': 'The TLS greeting named another host than CONNECT, or could not be read.',
  'refusal.egress_loop': 'The request had come through this proxy before.',
  'refusal.egress_unresolved': 'No address was found for the host.',
  'refusal.policy_denied': 'A policy denied the request.',
  'refusal.region_not_allowed':
    'The host is not known to be where the connection has to be. Change its host, or what is demanded of it.',
  'refusal.vendor_lost': 'A recovery drill treats the vendor as lost.',
  'refusal.connection_severed': 'The connection is severed: nothing crosses.',
  'refusal.connection_withheld':
    'What the tier of the connection asks for does not hold, so nothing was sent.',
  'refusal.credential_missing': 'No vendor credential was entered for this connection.',
  'refusal.credential_unusable':
    'The stored vendor credential can not be opened, or was entered before the pack knew the place where the key stood; enter it again.',
  'refusal.signer_not_supported': 'The vendor asks for a signature that the gateway can not make.',
  'refusal.snapshot_missing': 'The gateway had no configuration to work from yet.',
  'refusal.journal_unavailable': 'The record could not be made durable, so nothing was sent.',
  'refusal.overloaded': 'The gateway had more requests in hand than it takes.',
  'refusal.upstream_forbidden': "The vendor's address is private or otherwise not allowed.",
  'refusal.upstream_unreachable': 'The vendor could not be reached.',
  'refusal.upstream_timeout': 'The vendor did not answer in time.',
  'log.other_key': 'A checkpoint was signed with another key than the log had before.',
  'log.not_signed': 'A checkpoint was not signed by the log that it names.',
  'log.other_root': 'A checkpoint was signed over other entries than are stored here.',
  'log.went_back': 'A checkpoint was older than what was signed before, and can not be checked any more.',
  'log.entries_missing': 'Entries that were stored here are not there any more.',
  'snapshot.not_ours': 'It was made for another gateway, or by another deployment.',
  'snapshot.backwards': 'It is not newer than what the gateway runs on.',
  'snapshot.inconsistent': 'It contradicts itself: it names something that is not in it, or one thing twice.',
  'snapshot.unreadable': 'A secret in it can not be opened with the key of this gateway.',
  'snapshot.malformed': 'It is not of the form that this gateway reads.',
  'snapshot.failed': 'Putting it in force failed; the log of the gateway has the details.',
  'refusal.restore_failed': 'The values behind the tokens could not be put back into the answer.',
  'refusal.secret_in_answer': 'A secret came back in the answer, and the data contract ends such answers.',
  'refusal.internal': 'The gateway failed; nothing was sent.',
} as const;

export type MessageCode = keyof typeof english;

const isMessageCode = (code: string): code is MessageCode => Object.hasOwn(english, code);

/** The sentence of a code; null for a code that this build does not know, which callers show as it is. */
export function messageText(code: string): string | null {
  return isMessageCode(code) ? english[code] : null;
}
