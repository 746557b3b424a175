/**
 * The words of minimising. This library knows no vendor and no list of field classes: a class is a
 * string that the caller's vocabulary gives meaning to.
 */

/** How coarse a generalised value becomes. Which one fits which kind of value is the contract's choice. */
export type Grain =
  /** IPv4 to its /24, IPv6 to its /48. */
  | 'network'
  /** User agent or browser name to its family, without version. */
  | 'family'
  /** URL or referrer to scheme, host and port. */
  | 'origin'
  /** URL to origin and path pattern: every path segment that could identify is replaced by `:id`. */
  | 'origin_path'
  /** A time to the hour it lies in. */
  | 'hour'
  /** A place to its country: kept only when the value already is one. */
  | 'country';

/** What a contract does with one field class. `values` lists what crosses; all else becomes "other". */
export type Treatment =
  | { do: 'pass'; values?: readonly string[] | undefined }
  | { do: 'drop' }
  | { do: 'pseudonymise' }
  | { do: 'generalise'; to: Grain; values?: readonly string[] | undefined }
  | { do: 'tokenise' }
  | { do: 'refuse' };

/** The names under which treatments are counted, recorded and shown. */
export type TreatmentName = 'pass' | 'generalise' | 'pseudonymise' | 'tokenise' | 'drop' | 'refuse';

/** What kind of value it was, without the value. `string/12` style lengths are never kept: only the kind. */
export type Shape =
  | 'null'
  | 'boolean'
  | 'integer'
  | 'number'
  | 'string'
  | 'email'
  | 'url'
  | 'ip'
  | 'uuid'
  | 'time'
  | 'hex'
  | 'array'
  | 'object';

/** One rule of a field map: values at `path` (relative to a record) are of `class`. */
export interface FieldRule {
  /**
   * Dot path below the record: `properties.$email`, `messages[*].content`, `$set.*`. `*` matches one
   * member name, `[*]` every element, `**` any depth (only as the last step). The most literal match wins. One that
   * begins with `$.` starts at the body's root: `$.sentAt` stands beside the records of `batch[*]`.
   */
  path: string;
  class: string;
  /** The string value at this path is itself JSON (tool-call arguments): classes of what is inside follow `class`. */
  json?: boolean | undefined;
  /** The part of a string value before which vendors expect a literal prefix, which survives (`$device:`). */
  prefixes?: readonly string[] | undefined;
  /** The value is a name given by the app (an event name): treated by the contract's names rule. */
  name?: boolean | undefined;
  /** Names that are the vendor's own (`$identify`) and so cross under any names rule. Only with `name`. */
  known?: readonly string[] | undefined;
  /** The member's name was given by the app (`metadata.*`): it is queued for review, and may be allowed by name. */
  queue?: boolean | undefined;
}

/**
 * An identifier of a subject. Lower rank wins: a user id (0) speaks for the person before a device (2). A value that
 * starts with one of `prefixes` is a device's id whatever the rule says (`$device:…` in Mixpanel's `distinct_id`).
 * Groups never link to people: else all members of an organisation would count as one person.
 */
export interface SubjectRule {
  path: string;
  kind: 'user' | 'email' | 'device' | 'group';
  rank: number;
  prefixes?: readonly string[] | undefined;
}

/** Everything known about one endpoint's body. */
export interface FieldMap {
  /**
   * Where the records (events, profile updates, or the one request object) are: `$` or `$[*]` or `batch[*]`. Of several,
   * `batch[*] | $[*]`, the first counts whose first name the body has, or that needs none.
   */
  records: string;
  fields: readonly FieldRule[];
  subjects: readonly SubjectRule[];
  /** The class of what no rule maps. Its treatment is the contract's `unmapped`. */
  unmapped: string;
}

/** A data contract, as applied: what happens to each field class. */
export interface ContractRules {
  /** Field class to treatment. A class that is missing here is treated as `otherwise`. */
  classes: Readonly<Record<string, Treatment>>;
  otherwise: Treatment;
  /** What no field rule maps: property of an unknown name. */
  unmapped: Treatment;
  /** App-given names (event names, unknown path segments): pass as they are, or pseudonymise unless allowed. */
  names: { do: 'pass' | 'pseudonymise'; allowed: readonly string[] };
  /** Properties that the organisation allowed by name: the member name (last path step) to class and treatment. */
  properties: Readonly<Record<string, { class: string; treatment: Treatment }>>;
  /** What becomes of what is found within free text that would pass; left out: it is not looked through. */
  text?: TextRules | undefined;
}

/** A class of findings that is missing in `found` is treated as `otherwise`. */
export interface TextRules {
  found: Readonly<Record<string, Treatment>>;
  otherwise: Treatment;
}

/** One thing found in a text, by UTF-16 offsets, end exclusive. */
export interface TextFinding {
  class: string;
  start: number;
  end: number;
  /** It may well be something else: what would refuse the request for it tokenises it instead. */
  isUnsure: boolean;
}

/**
 * Keyed functions, handed in: this library holds no secret.
 * `pseudonym` must be stable for one vendor and epoch; `subject` is the organisation's own ledger key.
 */
export interface Keyed {
  /** A pseudonym for the vendor, of the same value always the same: 22 url-safe characters. */
  pseudonym(value: string): string;
  /** A pseudonym for the ledger of an identifier already in canonical form: 22 url-safe characters. */
  subject(canonical: string): string;
  /** A keyed hash of a name for the review queue: 22 url-safe characters. */
  reviewHash(name: string): string;
  /**
   * What is found in a text, in order and not overlapping; `name`: of the member that it stands under, or ''. Needed where
   * a contract has free text looked through. What it throws ends the minimising.
   */
  text?(text: string, name: string): readonly TextFinding[];
  /**
   * What is surely a secret in a text that crosses as it is or not at all (an id, a setting, an address, the name of a member).
   * `fieldClass`: of the value. Left out: such texts are not looked through.
   */
  secrets?(text: string, fieldClass: string): readonly TextFinding[];
  /** A token for a value that can be put back in the answer. Needed where a contract tokenises. */
  token?(fieldClass: string, value: string): string;
}

/** One treated value, as it is recorded: never the value itself. */
export interface TreatedField {
  /** The rule's path for mapped values; `#` and the review hash for unmapped names. Never a name from the app. */
  path: string;
  class: string;
  treatment: TreatmentName;
  shape: Shape;
  /** How many values in this record were treated so. */
  count: number;
}

/** What one subject's data in one request came to. */
export interface TreatedItem {
  /** Ledger pseudonym of the best-ranked identifier, or null where nothing identifies anyone. */
  subject: string | null;
  subjectKind: SubjectRule['kind'] | null;
  /** Ledger pseudonyms of other identifiers found beside it in the same record. */
  links: string[];
  fields: TreatedField[];
}

/** A name or property that no rule knows, for a person to decide about. */
export interface ReviewSighting {
  /** Keyed hash of the name. */
  hash: string;
  kind: 'property' | 'event_name' | 'path_segment' | 'parameter';
  shape: Shape;
  /** Ledger pseudonym of who sent it, if known. */
  subject: string | null;
  /** The name itself: present only if the caller asked for it (enough subjects have sent it). */
  name?: string | undefined;
}
