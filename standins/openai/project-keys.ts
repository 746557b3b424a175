import { header, type ReceivedRequest } from '../http/received.ts';
import { VendorError } from '../http/reply.ts';

type Json = Record<string, unknown>;

/** The admin side of one project: its service accounts and keys. */
export interface ProjectKeysOptions {
  /** Admin keys that are taken. */
  adminKeys: readonly string[];
  project: string;
  /** Keys that people made: id and the key itself. */
  userKeys?: readonly { id: string; value: string }[];
  /** Milliseconds until a use shows in `last_used_at`; default five minutes. */
  lagMs?: number;
  /** Admin calls in a minute before 429; default 600. */
  perMinute?: number;
}

interface ProjectKey {
  id: string;
  value: string;
  name: string;
  createdAt: number;
  uses: number[];
  account: { id: string; name: string } | null;
}

const BASE = '/v1/organization/projects/';

/**
 * Project service accounts and API keys, as OpenAI documents them: a key is shown once, when its account is made; making
 * is not idempotent; an account's key goes with the account and not by itself; lists are paged by `after`.
 */
export class ProjectKeys {
  readonly #options: ProjectKeysOptions;
  readonly #now: () => number;
  readonly #keys: ProjectKey[] = [];
  #made = 0;
  #calls: number[] = [];

  constructor(options: ProjectKeysOptions, now: () => number) {
    this.#options = options;
    this.#now = now;
    for (const { id, value } of options.userKeys ?? [])
      this.#keys.push({ id, value, name: 'made by a person', createdAt: now(), uses: [], account: null });
  }

  /** Notes a use of a key of the project; false: it is none. */
  use(value: string): boolean {
    const key = this.#keys.find((one) => one.value === value);
    key?.uses.push(this.#now());
    return key !== undefined;
  }

  /** Every key that works now. */
  values(): string[] {
    return this.#keys.map(({ value }) => value);
  }

  isAdmin(path: string): boolean {
    return path.startsWith('/v1/organization/');
  }

  /** Answers an admin call. Throws VendorError in the vendor's shape. */
  answer(request: ReceivedRequest): Json {
    const bearer = /^Bearer (\S+)$/.exec(header(request, 'authorization') ?? '')?.[1] ?? '';
    if (!this.#options.adminKeys.includes(bearer)) throw refusal(401, 'Incorrect API key provided.');
    this.#limit();
    const rest = request.path.startsWith(BASE) ? request.path.slice(BASE.length).split('/') : [];
    const [project, kind, id] = rest.map(decodeURIComponent);
    if (project !== this.#options.project) throw refusal(404, 'Project not found.');
    if (kind === 'service_accounts') return this.#accounts(request, id);
    if (kind === 'api_keys') return this.#apiKeys(request, id);
    throw refusal(404, `Invalid URL (${request.method} ${request.path})`);
  }

  #limit(): void {
    const now = this.#now();
    this.#calls = [...this.#calls.filter((at) => now - at < 60_000), now];
    if (this.#calls.length > (this.#options.perMinute ?? 600))
      throw refusal(429, 'Rate limit reached for admin requests.');
  }

  #accounts(request: ReceivedRequest, id: string | undefined): Json {
    if (request.method === 'POST' && id === undefined) return this.#make(request);
    const accounts = this.#keys.flatMap(({ account, createdAt }) =>
      account === null ? [] : [accountJson(account, createdAt)],
    );
    if (request.method === 'GET' && id === undefined) return paged(accounts, request);
    const at = this.#keys.findIndex(({ account }) => account?.id === id);
    if (at < 0) throw refusal(404, 'Service account not found.');
    if (request.method === 'DELETE') {
      this.#keys.splice(at, 1);
      return { object: 'organization.project.service_account.deleted', id, deleted: true };
    }
    return accounts.find((account) => account.id === id) ?? {};
  }

  #make(request: ReceivedRequest): Json {
    const { name } = JSON.parse(request.body.toString('utf8')) as Json;
    if (typeof name !== 'string' || name === '') throw refusal(400, "Missing required parameter: 'name'.");
    this.#made += 1;
    const account = { id: `svc_acct_${this.#made}`, name };
    const value = `sk-svcacct-made-up-${this.#made}-${'0'.repeat(24)}`;
    const key = {
      id: `key_made_${this.#made}`,
      value,
      name: 'Secret Key',
      createdAt: this.#now(),
      uses: [],
      account,
    };
    this.#keys.push(key);
    return {
      ...accountJson(account, key.createdAt),
      api_key: {
        object: 'organization.project.service_account.api_key',
        value,
        name: key.name,
        created_at: seconds(key.createdAt),
        id: key.id,
      },
    };
  }

  #apiKeys(request: ReceivedRequest, id: string | undefined): Json {
    const shown = this.#keys.map((key) => this.#keyJson(key));
    if (request.method === 'GET' && id === undefined) return paged(shown, request);
    const at = this.#keys.findIndex((key) => key.id === id);
    const key = this.#keys[at];
    if (key === undefined) throw refusal(404, 'API key not found.');
    if (request.method !== 'DELETE') return this.#keyJson(key);
    if (key.account !== null)
      throw refusal(400, 'This key belongs to a service account; delete the service account.');
    this.#keys.splice(at, 1);
    return { object: 'organization.project.api_key.deleted', id, deleted: true };
  }

  #keyJson(key: ProjectKey): Json {
    const seen = key.uses.filter((at) => at <= this.#now() - (this.#options.lagMs ?? 300_000)).at(-1);
    return {
      object: 'organization.project.api_key',
      redacted_value: `${key.value.slice(0, 8)}***${key.value.slice(-3)}`,
      name: key.name,
      created_at: seconds(key.createdAt),
      last_used_at: seen === undefined ? null : seconds(seen),
      id: key.id,
      owner:
        key.account === null
          ? { type: 'user', user: { object: 'organization.project.user', id: 'user_made_up' } }
          : { type: 'service_account', service_account: accountJson(key.account, key.createdAt) },
    };
  }
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

const accountJson = ({ id, name }: { id: string; name: string }, createdAt: number): Json => ({
  object: 'organization.project.service_account',
  id,
  name,
  role: 'member',
  created_at: seconds(createdAt),
});

function paged(all: readonly Json[], request: ReceivedRequest): Json {
  const limit = Math.min(Math.max(Number(request.query.get('limit') ?? 20), 1), 100);
  const after = request.query.get('after');
  const from = after === null ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const data = all.slice(from, from + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + limit < all.length,
  };
}

function refusal(status: number, message: string): VendorError {
  const type = status === 429 ? 'rate_limit_error' : 'invalid_request_error';
  return new VendorError(status, message, { error: { message, type, param: null, code: null } });
}
