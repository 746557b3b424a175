import { type Service, ServiceSchema } from '@drawbridge/protocol';

/** Made-up services for tests and benchmarks: one that is spoken to as AI APIs are, one as analytics APIs are. */

const sourced = { source: 'https://vendor.example.com/docs (made up)', as_of: '2026-11-01' };

const passAll = {
  classes: {},
  otherwise: { do: 'pass' },
  unmapped: { do: 'pass' },
  names: { do: 'pass', allowed: [] },
  properties: {},
};

const region = { id: 'main', name: 'Main', host: 'vendor.example.com', jurisdiction: 'EU', ...sourced };

export const aiService: Service = ServiceSchema.parse({
  id: 'api',
  name: 'Made-up AI API',
  kind: 'ai',
  regions: [region],
  auth: [{ in: 'header', name: 'authorization', prefix: 'Bearer ' }],
  browser: false,
  headers: [
    { name: 'accept', class: 'sdk.technical' },
    { name: 'content-type', class: 'sdk.technical' },
    { name: 'user-agent', class: 'sdk.technical' },
    { name: 'x-stainless-*', class: 'sdk.technical' },
    { name: 'openai-organization', class: 'org.vendor_account' },
  ],
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
        fields: [
          { path: 'model', class: 'model.parameter' },
          { path: 'stream', class: 'model.parameter' },
          { path: 'messages[*].role', class: 'model.parameter' },
          { path: 'messages[*].content', class: 'content.prompt' },
          { path: 'user', class: 'person.id' },
        ],
        subjects: [{ path: 'user', kind: 'user', rank: 0 }],
        unmapped: 'content.unmapped',
      },
    },
    {
      id: 'models',
      class: 'catalogue',
      methods: ['GET'],
      path: '/v1/models/{model}',
      body: 'none',
      query: [],
      path_params: { model: 'model.parameter' },
      answer_urls: ['card_url'],
    },
  ],
  errors: {
    refused: {
      content_type: 'application/json',
      body: '{"error":{"message":"{message}","type":"drawbridge_refused","param":null,"code":"{code}"}}',
      headers: { 'x-should-retry': 'false' },
    },
    later: {
      content_type: 'application/json',
      body: '{"error":{"message":"{message}","type":"drawbridge_later","param":null,"code":"{code}"}}',
    },
  },
  contracts: {
    recommended: { ...passAll, classes: { 'person.id': { do: 'pseudonymise' } } },
    as_is: passAll,
  },
  snippets: [],
  sample: { endpoint: 'chat', body: '{}' },
});

export const analyticsService: Service = ServiceSchema.parse({
  id: 'events',
  name: 'Made-up analytics API',
  kind: 'analytics',
  regions: [region],
  auth: [{ in: 'body', path: 'properties.token' }],
  browser: true,
  headers: [{ name: 'content-type', class: 'sdk.technical' }],
  endpoints: [
    {
      id: 'track',
      class: 'ingest',
      methods: ['GET', 'POST'],
      path: '/track',
      body: 'form_data_json',
      query_body: 'data',
      query: [{ name: 'ip', class: 'network.ip', set: '0' }],
      fields: {
        records: '$[*]',
        fields: [
          { path: 'event', class: 'event.name', name: true },
          { path: 'properties.token', class: 'secret.api_key' },
          { path: 'properties.distinct_id', class: 'person.id' },
          { path: 'properties.time', class: 'event.time' },
        ],
        subjects: [{ path: 'properties.distinct_id', kind: 'user', rank: 0 }],
        unmapped: 'event.unmapped',
      },
    },
  ],
  errors: {
    refused: { content_type: 'application/json', body: '{"status":0,"error":"{message}","code":"{code}"}' },
    later: { content_type: 'application/json', body: '{"status":0,"error":"{message}","code":"{code}"}' },
  },
  contracts: {
    recommended: {
      ...passAll,
      classes: { 'person.id': { do: 'pseudonymise' } },
      unmapped: { do: 'drop' },
    },
    as_is: passAll,
  },
  snippets: [],
  sample: { endpoint: 'track', body: '[]' },
});
