import { type Listening, type ListenOptions, listen } from '../http/listen.ts';
import { header, type ReceivedRequest } from '../http/received.ts';
import { sendJson, VendorError } from '../http/reply.ts';

type Json = Record<string, unknown>;

export interface MixpanelAccountsOptions extends ListenOptions {
  organization: number;
  /** `username:secret` of a service account that is an admin. */
  admin: string;
  /** Milliseconds until a use shows in `last_used`; default five minutes. */
  lagMs?: number;
}

export interface MixpanelAccount {
  id: number;
  username: string;
  secret: string;
  created: number;
  expires: string | null;
  uses: number[];
  projects: Set<number>;
}

export interface MixpanelAccountsStandin extends Listening {
  accounts: MixpanelAccount[];
}

/**
 * Mixpanel's API for service accounts (`/api/app/organizations/{org}/service-accounts`) with its `/api/app/me`, which any
 * account may call. A secret is shown once, as `token`; the vendor puts its own ending behind the name.
 */
export async function startMixpanelAccountsStandin(
  options: MixpanelAccountsOptions,
): Promise<MixpanelAccountsStandin> {
  const accounts: MixpanelAccount[] = [];
  const now = options.now ?? Date.now;
  let made = 100;

  const view = (account: MixpanelAccount): Json => ({
    id: account.id,
    username: account.username,
    last_used: lastUsed(account, now() - (options.lagMs ?? 300_000)),
    expires: account.expires,
    creator: 1,
    created: new Date(account.created).toISOString(),
    user: account.id + 5000,
  });

  function answer(request: ReceivedRequest): unknown {
    const encoded = /^Basic (\S+)$/.exec(header(request, 'authorization') ?? '')?.[1] ?? '';
    const pair = Buffer.from(encoded, 'base64').toString('utf8');
    const caller = accounts.find(({ username, secret }) => pair === `${username}:${secret}`);
    caller?.uses.push(now());
    if (caller === undefined && pair !== options.admin)
      throw refusal(401, 'Invalid service account credentials');
    if (request.path === '/api/app/me' && request.method === 'GET') {
      if (caller !== undefined && caller.projects.size === 0) throw refusal(403, 'No project');
      return { username: caller?.username ?? 'admin' };
    }
    const base = `/api/app/organizations/${options.organization}/service-accounts`;
    if (pair !== options.admin) throw refusal(403, 'Permission denied');
    if (request.path === base) return request.method === 'POST' ? make(request) : accounts.map(view);
    const id = request.path.startsWith(`${base}/`) ? request.path.slice(base.length + 1) : '';
    if (id === 'add-to-project' || id === 'remove-from-project')
      return belong(request, id === 'add-to-project');
    const at = accounts.findIndex((account) => String(account.id) === id);
    const account = accounts[at];
    if (account === undefined) throw refusal(404, 'Not found');
    if (request.method !== 'DELETE') return view(account);
    accounts.splice(at, 1);
    return {};
  }

  function make(request: ReceivedRequest): Json {
    const given = JSON.parse(request.body.toString('utf8')) as {
      username?: string;
      expires?: string;
      projects?: { id: number }[];
    };
    if (given.username === undefined) throw refusal(400, 'username is required');
    made += 1;
    const account = {
      id: made,
      username: `${given.username}.${made.toString(16)}.mp-service-account`,
      secret: `madeUpSecretOf${made}`.padEnd(32, '0'),
      created: now(),
      expires: given.expires ?? null,
      uses: [],
      projects: new Set((given.projects ?? []).map(({ id }) => id)),
    };
    accounts.push(account);
    return { ...view(account), token: account.secret };
  }

  function belong(request: ReceivedRequest, isIn: boolean): Json {
    const given = JSON.parse(request.body.toString('utf8')) as {
      service_account_ids: number[];
      projects: { id: number }[];
    };
    for (const account of accounts.filter(({ id }) => given.service_account_ids.includes(id)))
      for (const { id } of given.projects) account.projects[isIn ? 'add' : 'delete'](id);
    return {};
  }

  const listening = await listen(options, async (request, response) => {
    try {
      sendJson(response, 200, { status: 'ok', results: answer(request) }, {});
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      sendJson(response, error.status, error.body, {});
    }
  });
  return { ...listening, accounts };
}

function lastUsed({ uses }: MixpanelAccount, until: number): string | null {
  const seen = uses.filter((at) => at <= until).at(-1);
  return seen === undefined ? null : new Date(seen).toISOString();
}

const refusal = (status: number, error: string): VendorError =>
  new VendorError(status, error, { status: 'error', error });
