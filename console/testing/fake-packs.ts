import type { Service } from '@drawbridge/protocol/pack';
import type { PackRow } from '../api/types.ts';

/**
 * Two packs for tests of the console: made up after the shape of real ones, much shorter, and not to be learned from.
 */
const sourced = { source: 'made up for tests', as_of: '2026-01-01' };

const countries = ['DE', 'FR', 'GB', 'NL', 'US', 'IN', 'JP', 'BR', 'CA', 'AU'];

const mixpanel: Service = {
  id: 'analytics',
  name: 'Mixpanel',
  kind: 'analytics',
  regions: [
    { id: 'us', name: 'United States', host: 'api.mixpanel.example', jurisdiction: 'US', ...sourced },
    { id: 'eu', name: 'European Union', host: 'api-eu.mixpanel.example', jurisdiction: 'NL', ...sourced },
    { id: 'in', name: 'India', host: 'api-in.mixpanel.example', jurisdiction: 'IN', ...sourced },
  ],
  auth: [
    { in: 'body', path: 'properties.token' },
    { in: 'basic', part: 'username' },
  ],
  browser: true,
  headers: [{ name: 'user-agent', class: 'device.user_agent' }],
  endpoints: [
    {
      id: 'track',
      class: 'ingest',
      methods: ['GET', 'POST'],
      path: '/track',
      body: 'form_data_json',
      query_body: 'data',
      query: [{ name: 'ip', class: 'sdk.technical', set: '0' }],
      fields: {
        records: '$[*]',
        unmapped: 'event.unmapped',
        fields: [
          { path: 'event', class: 'event.name', name: true },
          { path: 'properties.distinct_id', class: 'person.id' },
          { path: 'properties.$device_id', class: 'device.id', prefixes: ['$device:'] },
          { path: 'properties.$email', class: 'person.email' },
          { path: 'properties.$name', class: 'person.name' },
          { path: 'properties.ip', class: 'network.ip' },
          { path: 'properties.$city', class: 'geo.city' },
          { path: 'properties.mp_country_code', class: 'geo.country' },
          { path: 'properties.$browser', class: 'device.browser' },
          { path: 'properties.$os', class: 'device.os' },
          { path: 'properties.$current_url', class: 'web.url' },
          { path: 'properties.$referrer', class: 'web.referrer' },
          { path: 'properties.org_id', class: 'org.id' },
          { path: 'properties.time', class: 'event.time' },
          { path: 'properties.$insert_id', class: 'event.id' },
          { path: 'properties.mp_lib', class: 'sdk.technical' },
          { path: 'properties.$lib_version', class: 'sdk.technical' },
        ],
        subjects: [
          { path: 'properties.distinct_id', kind: 'user', rank: 0 },
          { path: 'properties.$device_id', kind: 'device', rank: 5 },
        ],
      },
    },
  ],
  errors: {
    refused: { content_type: 'application/json', body: '{"error":"{message}"}' },
    later: { content_type: 'application/json', body: '{"error":"{message}"}' },
  },
  contracts: {
    recommended: {
      classes: {
        'person.id': { do: 'pseudonymise' },
        'device.id': { do: 'pseudonymise' },
        'geo.country': { do: 'generalise', to: 'country', values: countries },
        'device.browser': { do: 'generalise', to: 'family', values: ['Chrome', 'Firefox', 'Safari', 'Edge'] },
        'web.url': { do: 'generalise', to: 'origin_path' },
        'org.id': { do: 'pseudonymise' },
        'event.name': { do: 'pass' },
        'event.time': { do: 'pass' },
        'event.id': { do: 'pass' },
        'sdk.technical': { do: 'pass' },
      },
      otherwise: { do: 'drop' },
      unmapped: { do: 'drop' },
      names: { do: 'pseudonymise', allowed: ['Sign up', 'Page view'] },
      properties: {},
    },
    as_is: {
      classes: {},
      otherwise: { do: 'pass' },
      unmapped: { do: 'pass' },
      names: { do: 'pass', allowed: [] },
      properties: {},
    },
  },
  snippets: [
    {
      id: 'node',
      label: 'Node',
      language: 'JavaScript',
      code: "const mixpanel = Mixpanel.init('{key}', {\n  host: '{gateway}'.replace(/^https?:\\/\\//, ''),\n  path: '/{connection}',\n  protocol: 'http',\n});",
    },
    {
      id: 'browser',
      label: 'Browser',
      language: 'JavaScript',
      code: "mixpanel.init('{key}', {\n  api_host: '{gateway}/{connection}',\n  persistence_name: '{connection}',\n});",
    },
  ],
  sample: {
    endpoint: 'track',
    body: JSON.stringify(
      [
        {
          event: 'Key created',
          properties: {
            token: 'dbk_example',
            distinct_id: 'user-4711',
            $device_id: '18f2-a9c1-made-up',
            $email: 'ada@example.com',
            $name: 'Ada Example',
            ip: '203.0.113.9',
            $city: 'Utrecht',
            mp_country_code: 'NL',
            $browser: 'Firefox',
            $os: 'Linux',
            $current_url: 'https://app.example.com/orgs/4711/keys?invite=ada%40example.com',
            $referrer: 'https://mail.example.org/u/ada',
            org_id: 'org-example-77',
            plan_tier: 'team',
            time: 1762600000,
            $insert_id: 'b1c2d3e4f5',
            mp_lib: 'web',
            $lib_version: '2.71.0',
          },
        },
      ],
      null,
      2,
    ),
  },
};

const openai: Service = {
  id: 'api',
  name: 'OpenAI API',
  kind: 'ai',
  regions: [{ id: 'us', name: 'United States', host: 'api.openai.example', jurisdiction: 'US', ...sourced }],
  auth: [{ in: 'header', name: 'authorization', prefix: 'Bearer ' }],
  browser: false,
  headers: [{ name: 'openai-organization', class: 'org.vendor_account' }],
  endpoints: [
    {
      id: 'chat',
      class: 'inference',
      methods: ['POST'],
      path: '/v1/chat/completions',
      body: 'json',
      query: [],
      streams: true,
      fields: {
        records: '$',
        unmapped: 'content.unmapped',
        fields: [
          { path: 'model', class: 'model.parameter' },
          { path: 'temperature', class: 'model.parameter' },
          { path: 'stream', class: 'model.parameter' },
          { path: 'messages[*].role', class: 'model.parameter' },
          { path: 'messages[*].content', class: 'content.prompt' },
          { path: 'user', class: 'person.id' },
          { path: 'metadata.*', class: 'content.metadata' },
        ],
        subjects: [{ path: 'user', kind: 'user', rank: 0 }],
      },
    },
  ],
  errors: {
    refused: { content_type: 'application/json', body: '{"error":{"message":"{message}","code":"{code}"}}' },
    later: { content_type: 'application/json', body: '{"error":{"message":"{message}","code":"{code}"}}' },
  },
  contracts: {
    recommended: {
      classes: {
        'model.parameter': { do: 'pass' },
        'content.prompt': { do: 'pass' },
        'person.id': { do: 'pseudonymise' },
        'content.metadata': { do: 'drop' },
      },
      otherwise: { do: 'drop' },
      unmapped: { do: 'pass' },
      names: { do: 'pass', allowed: [] },
      properties: {},
      text: {
        scan: 'all',
        found: {
          'secret.api_key': { do: 'refuse' },
          'secret.token': { do: 'refuse' },
          'secret.private_key': { do: 'refuse' },
          'network.ip': { do: 'pass' },
          'network.mac': { do: 'pass' },
          'web.url': { do: 'pass' },
        },
        otherwise: { do: 'tokenise' },
        over_budget: 'refuse',
      },
    },
    as_is: {
      classes: {},
      otherwise: { do: 'pass' },
      unmapped: { do: 'pass' },
      names: { do: 'pass', allowed: [] },
      properties: {},
    },
  },
  snippets: [
    {
      id: 'node',
      label: 'Node',
      language: 'JavaScript',
      code: "const openai = new OpenAI({\n  baseURL: '{gateway}/{connection}/v1',\n  apiKey: '{key}',\n});",
    },
    {
      id: 'python',
      label: 'Python',
      language: 'Python',
      code: "client = OpenAI(\n    base_url='{gateway}/{connection}/v1',\n    api_key='{key}',\n)",
    },
    {
      id: 'env',
      label: 'Environment',
      language: 'Shell',
      code: 'export OPENAI_BASE_URL={gateway}/{connection}/v1\nexport OPENAI_API_KEY={key}',
    },
  ],
  sample: {
    endpoint: 'chat',
    body: JSON.stringify(
      {
        model: 'gpt-example',
        messages: [
          { role: 'system', content: 'You sort support mail.' },
          { role: 'user', content: 'Ada Example of Example B.V. asks for an invoice.' },
        ],
        user: 'user-4711',
        metadata: { ticket: 'T-1009' },
        future_parameter: true,
      },
      null,
      2,
    ),
  },
};

export const fakeServices: Readonly<Record<string, Service>> = {
  'mixpanel/analytics': mixpanel,
  'openai/api': openai,
};

const rowOf = (vendor: string, name: string, service: Service): PackRow => ({
  vendor,
  name,
  homepage: `https://${vendor}.example`,
  source: sourced.source,
  asOf: sourced.as_of,
  services: [
    {
      id: service.id,
      name: service.name,
      kind: service.kind,
      browser: service.browser,
      regions: service.regions.map(({ id, name: label, host, jurisdiction }) => ({
        id,
        name: label,
        host,
        jurisdiction,
        ownHost: false,
      })),
      endpoints: service.endpoints.map(({ id, class: kind, methods, path }) => ({
        id,
        class: kind,
        methods,
        path,
      })),
    },
  ],
});

export const fakePackRows: readonly PackRow[] = [
  rowOf('mixpanel', 'Mixpanel', mixpanel),
  rowOf('openai', 'OpenAI', openai),
];
