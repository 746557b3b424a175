import { type Answer, send } from '../testing/http.ts';
import { credentials, person } from './marked.ts';

interface Setting {
  apiUrl: string;
  /** Lets in. */
  token: string;
  connection: string;
  app: string;
  /** Of a key that was shown to its owner. */
  virtualKey: string;
}

/**
 * Calls of the API that put a credential or a virtual key where it does not belong. Every one of them must be refused:
 * what is taken would be kept, and rightly so.
 */
export async function callWrongly(setting: Setting): Promise<{ call: string; answer: Answer }[]> {
  const { apiUrl, token, connection, app, virtualKey } = setting;
  const secret = credentials.openai;
  const answers: { call: string; answer: Answer }[] = [];
  const call = async (method: string, path: string, body?: string, headers: object = {}): Promise<void> => {
    const answer = await send(`${apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-drawbridge-reason': 'a wrong call',
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    answers.push({
      call: `${answers.length} ${method} ${path.split('?')[0]?.split('/').slice(0, 4).join('/')}`,
      answer,
    });
  };

  const right = {
    name: 'made up',
    vendor: 'openai',
    service: 'api',
    region: 'global',
    contract: 'recommended',
    reason: 'a wrong call',
  };
  const wrongMembers: object[] = [
    { slug: secret },
    { slug: secret.toLowerCase() },
    { vendor: secret },
    { service: secret },
    { region: secret },
    { contract: secret },
    { contract: { classes: { [secret]: { do: 'pass' } } } },
    { contract: { classes: { 'person.email': { do: secret } } } },
    { origins: [secret] },
    { origins: [`https://user:${secret}@app.example.com`] },
    { placement: secret },
    { credential: { value: secret } },
    { credential: `${secret}\nx-other: 1` },
    { credential: credentials.refused },
    { credential: virtualKey },
    { apiKey: secret },
    { [secret]: true },
    { upstream: { scheme: 'https', host: secret, port: 443, private: false } },
    { upstream: { scheme: 'https', host: `${secret}@example.com`, port: 443, private: false } },
    { upstream: `https://:${secret}@api.example.com` },
    { upstream: { scheme: 'https', host: 'api.example.com', port: secret, private: false } },
  ];
  for (const members of wrongMembers) {
    await call('POST', '/api/v1/connections', JSON.stringify({ ...right, ...members }));
  }

  const text = JSON.stringify({ ...right, credential: secret });
  await call('POST', '/api/v1/connections', text.slice(0, -1));
  await call('POST', '/api/v1/connections', text.replace('{', '{,'));
  await call('POST', '/api/v1/connections', `[${text}]`);
  await call('POST', '/api/v1/connections', text, { 'content-type': `text/${secret}` });
  await call('POST', '/api/v1/connections', text, { 'idempotency-key': `${secret} ${secret}` });
  await call('POST', '/api/v1/connections', JSON.stringify({ ...right, reason: '' }), {
    'x-drawbridge-reason': '',
    'x-note': secret,
  });

  await call('PUT', `/api/v1/connections/${connection}/credential`, JSON.stringify(secret));
  await call('PUT', `/api/v1/connections/${connection}/credential`, JSON.stringify({ credential: secret }));
  await call('PUT', `/api/v1/connections/${connection}/credential`, JSON.stringify({ value: [secret] }));
  await call(
    'PUT',
    `/api/v1/connections/${connection}/credential`,
    JSON.stringify({ value: credentials.refused }),
  );
  await call('PUT', `/api/v1/connections/${connection}/credential`, JSON.stringify({ value: secret }), {
    'if-match': `"${secret}"`,
  });
  await call('PUT', `/api/v1/connections/${secret}/credential`, JSON.stringify({ value: secret }));
  await call(
    'PATCH',
    `/api/v1/connections/${connection}`,
    JSON.stringify({ credential: secret, reason: 'wrong' }),
  );
  await call(
    'PUT',
    `/api/v1/connections/${connection}/contract`,
    JSON.stringify({ rules: secret, basedOn: 1 }),
  );
  await call('POST', `/api/v1/apps/${app}/keys`, JSON.stringify({ kind: secret, connections: [secret] }));
  await call('POST', `/api/v1/apps/${app}/keys`, JSON.stringify({ kind: 'secret', connections: [secret] }));
  await call(
    'POST',
    `/api/v1/apps/${app}/keys`,
    JSON.stringify({ kind: 'secret', connections: [connection], expiresAt: secret }),
  );

  const inPath = encodeURIComponent(secret);
  for (const path of [
    `/api/v1/connections/${inPath}`,
    `/api/v1/connections/${inPath}%00`,
    `/api/v1/connections/%ff${inPath}`,
    `/api/v1/connections?cursor=${inPath}`,
    `/api/v1/connections?limit=${inPath}`,
    `/api/v1/crossings?class=${inPath}`,
    `/api/v1/crossings?from=${inPath}`,
    `/api/v1/crossings?connection=${inPath}%00`,
    `/api/v1/crossings?subject=${person.email}%00`,
    `/api/v1/crossings/${inPath}`,
    `/api/v1/crossings/${person.email}`,
    `/api/v1/vendors/${inPath}`,
    `/api/v1/vendors/${inPath}%00`,
    `/api/v1/packs/openai/${inPath}`,
    `/api/v1/keys/${virtualKey}`,
    `/api/v1/${inPath}`,
    `/fleet/v1/snapshot?after=${inPath}`,
  ]) {
    await call('GET', path);
  }
  await call('DELETE', `/api/v1/keys/${virtualKey}`);
  for (const token of [secret, virtualKey]) {
    await call('POST', '/api/v1/session/invitation', JSON.stringify({ token }));
    await call('POST', '/api/v1/session/password', JSON.stringify({ email: token, password: token }));
    const [email, password] = ['nobody@example.com', token];
    await call('POST', '/api/v1/session/password', JSON.stringify({ email, password }));
    await call('POST', '/api/v1/session/recovery', JSON.stringify({ email, code: token.slice(0, 40) }));
  }
  await call('GET', '/api/v1/overview', undefined, { authorization: `Bearer ${secret}` });
  await call('GET', '/api/v1/overview', undefined, {
    authorization: virtualKey,
    cookie: `__Host-drawbridge=${secret}`,
  });
  await call('GET', '/api/v1/overview', undefined, { host: `${person.pathSegment}.example.com` });
  await call('GET', '/api/v1/overview', undefined, { origin: `https://${person.pathSegment}.example.com` });
  await call('POST', '/fleet/v1/journal', secret, { authorization: `Bearer ${secret}` });
  await call('POST', '/fleet/v1/status', JSON.stringify({ token: secret }), {
    authorization: `Bearer ${virtualKey}`,
  });
  return answers;
}
