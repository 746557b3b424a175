import type { Admin, AdminRequest, AuthPlacement, PackRotation } from '@drawbridge/protocol';
import {
  type ErrandCall,
  ErrandError,
  type ErrandPlace,
  type ErrandResult,
  type ErrandValues,
  type RunErrand,
} from '../vault/index.ts';

/** What a vendor calls a key: the values by which its API finds it again. No secret. */
export type Refs = Record<string, string>;

/** A wrapped credential and what it is bound to. */
export interface Wrapped {
  wrapped: Uint8Array;
  context: Uint8Array;
}

/** A host, and how it is reached. */
export interface Place {
  scheme: 'https' | 'http';
  host: string;
  port: number;
  private: boolean;
}

/** The keys that a vendor keeps for us, over its API. Every call throws VendorCallError. */
export interface VendorKeys {
  /** Makes a key of this name, which the vendor shows this once. It comes back wrapped under `context`. */
  make(name: string, context: Uint8Array): Promise<{ wrapped: Buffer; refs: Refs }>;
  /** All keys of this name: those of a call whose answer was lost among them. */
  find(name: string): Promise<Refs[]>;
  /** Takes the key's rights. False: the vendor has no such call. */
  disable(refs: Refs): Promise<boolean>;
  enable(refs: Refs): Promise<boolean>;
  /** A key that is not there any more counts as deleted. */
  remove(refs: Refs): Promise<void>;
  /** Whether `remove` has all that it needs. */
  canRemove(refs: Refs): boolean;
  /** When the key was last used; null: never. Undefined: the vendor does not say. */
  lastUsed(refs: Refs): Promise<Date | null | undefined>;
}

/** Why a vendor did not do what it was asked. `text` is ours, never what the vendor wrote. */
export class VendorCallError extends Error {
  readonly code: 'refused' | 'limited' | 'unreachable' | 'unexpected';
  /** Milliseconds that the vendor asks to wait. */
  readonly retryAfterMs: number | null;
  constructor(code: VendorCallError['code'], message: string, retryAfterMs: number | null = null) {
    super(message);
    this.name = 'VendorCallError';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface VendorKeysOptions {
  run: RunErrand;
  admin: Admin;
  place: Place;
  parameters: Record<string, string>;
  credential: Wrapped;
}

const MOST_PAGES = 50;

/** Speaks a vendor's API for keys as its pack describes it. */
export function createVendorKeys(options: VendorKeysOptions): VendorKeys {
  const { run, admin, place, parameters, credential } = options;

  async function call(
    request: AdminRequest,
    values: Record<string, string>,
    wants: Partial<Pick<ErrandCall, 'read' | 'list' | 'take'>> = {},
    takeContext?: Uint8Array,
  ): Promise<ErrandResult> {
    const all = { ...parameters, ...values };
    const result = await runErrand(run, {
      call: {
        method: request.method,
        url: urlOf(place, request, all),
        body: request.body === undefined ? null : filled(request.body, all, inJson),
        place: admin.place,
        read: {},
        list: null,
        take: null,
        ...wants,
      },
      credential,
      isPrivate: place.private,
      ...(takeContext === undefined ? {} : { takeContext }),
    });
    return result;
  }
  const ask = async (...given: Parameters<typeof call>): Promise<ErrandResult> =>
    expectGood(await call(...given));
  const usable = (requests: readonly AdminRequest[], refs: Refs): AdminRequest | undefined =>
    requests.find((request) => isFilled(request, { ...parameters, ...refs }));

  return {
    async make(name, context) {
      const { create } = admin;
      const answer = await ask(create.request, { name }, { read: create.read, take: create.secret }, context);
      if (answer.taken === null)
        throw new VendorCallError('unexpected', 'The vendor’s answer to making a key has no key in it.');
      return { wrapped: answer.taken, refs: refsOf(answer.values) };
    },

    async find(name) {
      const { list } = admin;
      const found: Refs[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MOST_PAGES; page++) {
        const answer = await ask(list.request, cursor === undefined ? {} : { cursor }, {
          read: list.next ?? {},
          list: { items: list.items, read: list.read },
        });
        for (const { name: called, ...values } of answer.items)
          if (isNamed(called, name, list.name)) found.push(refsOf(values));
        if (answer.values.more !== true || typeof answer.values.cursor !== 'string') return found;
        cursor = answer.values.cursor;
      }
      throw new VendorCallError('unexpected', `The vendor lists more than ${MOST_PAGES} pages of keys.`);
    },

    async disable(refs) {
      if (admin.disable === undefined || !isFilled(admin.disable, { ...parameters, ...refs })) return false;
      await ask(admin.disable, refs);
      return true;
    },

    async enable(refs) {
      if (admin.enable === undefined || !isFilled(admin.enable, { ...parameters, ...refs })) return false;
      await ask(admin.enable, refs);
      return true;
    },

    canRemove: (refs) => usable(admin.delete, refs) !== undefined,

    async remove(refs) {
      const request = usable(admin.delete, refs);
      if (request === undefined)
        throw new VendorCallError('refused', 'It is not known what the vendor calls this key.');
      const answer = await call(request, refs);
      if (answer.status !== 404) expectGood(answer);
    },

    async lastUsed(refs) {
      const known = admin.last_used;
      if (known === undefined || !isFilled(known.request, { ...parameters, ...refs })) return undefined;
      const { at } = (await ask(known.request, refs, { read: { at: known.at } })).values;
      if (at === null || at === undefined) return null;
      const time = known.unit === 's' ? Number(at) * 1000 : Date.parse(String(at));
      if (Number.isFinite(time)) return new Date(time);
      throw new VendorCallError('unexpected', 'The vendor’s time of last use is no time.');
    },
  };
}

/** What the cheapest call with a credential is answered: the status. Throws VendorCallError where there is no answer. */
export async function probeKey(
  run: RunErrand,
  pack: PackRotation | undefined,
  upstream: Place,
  auth: readonly AuthPlacement[],
  credential: Wrapped,
): Promise<number> {
  const place = placeOf(auth);
  if (place === null || pack === undefined)
    throw new VendorCallError('refused', 'There is no call to try a key of this service with.');
  const { probe } = pack;
  const { status } = await runErrand(run, {
    call: {
      method: probe.method,
      url: urlOf(upstream, probe, {}),
      body: probe.body ?? null,
      place,
      read: {},
      list: null,
      take: null,
    },
    credential,
    isPrivate: upstream.private,
  });
  return status;
}

/** The first place of a service's that a plain call can use. */
function placeOf(auth: readonly AuthPlacement[]): ErrandPlace | null {
  for (const placement of auth) {
    if (placement.in === 'header')
      return { in: 'header', name: placement.name, prefix: placement.prefix ?? '' };
    if (placement.in === 'basic' || placement.in === 'query') return placement;
    if (placement.in === 'body') return { in: 'body' };
  }
  return null;
}

async function runErrand(run: RunErrand, errand: Parameters<RunErrand>[0]): Promise<ErrandResult> {
  try {
    return await run(errand);
  } catch (error) {
    if (!(error instanceof ErrandError)) throw error;
    const isBroken = ['not_json', 'no_secret', 'echoed', 'too_large'].includes(error.code);
    throw new VendorCallError(isBroken ? 'unexpected' : 'unreachable', error.message);
  }
}

function expectGood(answer: ErrandResult): ErrandResult {
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status <= 299) return answer;
  if (status === 429) throw new VendorCallError('limited', 'The vendor asks to wait (429).', retryAfterMs);
  if (status >= 500) throw new VendorCallError('unreachable', `The vendor failed (${status}).`, retryAfterMs);
  if (status === 401 || status === 403)
    throw new VendorCallError(
      'refused',
      `The vendor refuses the admin credential (${status}): it may be revoked, or lack the right.`,
    );
  throw new VendorCallError('refused', `The vendor refuses this call (${status}).`);
}

const TEMPLATE = /\{([a-z_]+)\}/g;

function filled(text: string, values: Record<string, string>, write: (value: string) => string): string {
  return text.replaceAll(TEMPLATE, (_, name: string) => write(values[name] ?? ''));
}

const inJson = (value: string): string => JSON.stringify(value).slice(1, -1);

function urlOf(
  { scheme, host, port }: Place,
  { path, query }: Pick<AdminRequest, 'path' | 'query'>,
  values: Record<string, string>,
): string {
  const url = new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`);
  url.pathname = filled(path, values, encodeURIComponent);
  for (const [name, template] of Object.entries(query ?? {}))
    if (isKnown(template, values)) url.searchParams.set(name, filled(template, values, String));
  return url.href;
}

const isKnown = (template: string, values: Record<string, string>): boolean =>
  [...template.matchAll(TEMPLATE)].every(([, name]) => values[name ?? ''] !== undefined);

const isFilled = ({ path, body }: AdminRequest, values: Record<string, string>): boolean =>
  isKnown(path, values) && isKnown(body ?? '', values);

/** What may stand in a path: an answer of the vendor's must not lead a call of ours elsewhere. */
const REF = /^[A-Za-z0-9][\w.:@-]{0,199}$/;

function refsOf(values: ErrandValues): Refs {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      REF.test(String(value ?? '')) ? [[name, String(value)]] : [],
    ),
  );
}

function isNamed(called: unknown, name: string, how: Admin['list']['name']): boolean {
  if (typeof called !== 'string') return false;
  return how === 'exact' ? called === name : called === name || called.startsWith(`${name}.`);
}
