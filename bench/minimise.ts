import { readFileSync } from 'node:fs';
import { parse as parseJson } from '@drawbridge/jsonedit';
import {
  type CompiledMap,
  compileMap,
  minimiseDocument,
  Observations,
  openValue,
} from '@drawbridge/minimise';
import { contractRules, PackSchema, type Service, writeOutLists } from '@drawbridge/protocol';
import { parse as parseYaml } from 'yaml';
import { nodeCodec } from '../gateway/inspect/index.ts';
import { keyedFunction, keyedOf } from '../gateway/snapshot/keyed.ts';

/** CPU microseconds per body: minimising beside JSON.parse + JSON.stringify of the same bytes; medians of rounds. */
const ROUNDS = 9;

function serviceOf(vendor: string): Service {
  const file = new URL(`../packs/vendors/${vendor}.yaml`, import.meta.url);
  const value: unknown = parseYaml(readFileSync(file, 'utf8'));
  writeOutLists(value);
  const [service] = PackSchema.parse(value).services;
  if (service === undefined) throw new Error(`no service in ${vendor}`);
  return service;
}

function mapOf(service: Service, endpointId: string, contract: 'recommended' | 'as_is'): CompiledMap {
  const fields = service.endpoints.find((endpoint) => endpoint.id === endpointId)?.fields;
  if (fields === undefined) throw new Error(`no field map for ${endpointId}`);
  return compileMap(fields, contractRules(service.contracts[contract]), {
    sightingKind: service.kind === 'ai' ? 'parameter' : 'property',
    keyPaths: service.auth.flatMap((placement) => (placement.in === 'body' ? [placement.path] : [])),
  });
}

const key = (text: string) => keyedFunction(Buffer.alloc(32, text));
const keyed = keyedOf({ vendor: key('v'), ledger: key('l'), review: key('r') });
const swap = { found: 'dbk_made_up', credential: 'made-up-vendor-credential' };
const none: ReadonlySet<string> = new Set();

const openai = serviceOf('openai');
const mixpanel = serviceOf('mixpanel');

/** Made-up bodies: one chat of 1 KB, one batch of 50 events as the browser SDK sends them. */
const chat = JSON.stringify({
  model: 'gpt-5.1',
  messages: [
    { role: 'system', content: 'You answer questions about invoices. '.repeat(8) },
    { role: 'user', content: 'Where is the invoice of last month? '.repeat(14) },
  ],
  user: 'anna.berger@example.com',
  metadata: { account: 'org-4711' },
  temperature: 0.2,
  stream: true,
});
const batch = JSON.stringify(
  Array.from({ length: 50 }, (_, index) => ({
    event: index % 3 === 0 ? '$mp_web_page_view' : 'Invite sent',
    properties: {
      $os: 'Mac OS X',
      $browser: 'Chrome',
      $current_url: `https://app.example.com/team/${index}/settings?tab=members`,
      $browser_version: 142,
      $screen_height: 1117,
      $screen_width: 1728,
      mp_lib: 'web',
      $lib_version: '2.83.0',
      $insert_id: `k3v9q0p2m1x${index}`,
      time: 1_762_942_800.123 + index,
      distinct_id: 'anna.berger@example.com',
      $device_id: '18c2a7f0e3b4d5-0a1b2c3d4e5f-16525637',
      $initial_referrer: 'https://search.example.net/?q=anna',
      $initial_referring_domain: 'search.example.net',
      $user_id: 'anna.berger@example.com',
      $email: 'anna.berger@example.com',
      org_id: 'org-4711',
      $city: 'Graz',
      mp_country_code: 'AT',
      plan_of_this_customer: 'team',
      token: swap.found,
      mp_sent_by_lib_version: '2.83.0',
    },
  })),
);
const form = encodeURIComponent(Buffer.from(batch).toString('base64'));

function minimiseText(text: string, map: CompiledMap): number {
  const seen = new Observations(keyed, none);
  const out = minimiseDocument(parseJson(text), map, seen, swap);
  seen.endRequest();
  return out.length + seen.observed().length + seen.tally().length;
}

function minimiseForm(raw: string, map: CompiledMap): number {
  const opened = openValue(raw, nodeCodec);
  const seen = new Observations(keyed, none);
  const out = minimiseDocument(parseJson(opened.text), map, seen, swap);
  return opened.seal(out).length + seen.observed().length;
}

function plainForm(raw: string): number {
  const text = Buffer.from(decodeURIComponent(raw), 'base64').toString();
  return encodeURIComponent(Buffer.from(JSON.stringify(JSON.parse(text))).toString('base64')).length;
}

const maps = {
  chat: {
    recommended: mapOf(openai, 'chat_completions', 'recommended'),
    asIs: mapOf(openai, 'chat_completions', 'as_is'),
  },
  track: { recommended: mapOf(mixpanel, 'track', 'recommended'), asIs: mapOf(mixpanel, 'track', 'as_is') },
};

const cases: Record<string, { calls: number; bytes: number; call: () => number }> = {
  'chat: JSON.parse + JSON.stringify': {
    calls: 4000,
    bytes: chat.length,
    call: () => JSON.stringify(JSON.parse(chat)).length,
  },
  'chat: tree of spans alone': { calls: 4000, bytes: chat.length, call: () => parseJson(chat).text.length },
  'chat: as it is': { calls: 4000, bytes: chat.length, call: () => minimiseText(chat, maps.chat.asIs) },
  'chat: recommended': {
    calls: 4000,
    bytes: chat.length,
    call: () => minimiseText(chat, maps.chat.recommended),
  },
  '50 events: JSON.parse + JSON.stringify': {
    calls: 200,
    bytes: batch.length,
    call: () => JSON.stringify(JSON.parse(batch)).length,
  },
  '50 events: tree of spans alone': {
    calls: 200,
    bytes: batch.length,
    call: () => parseJson(batch).text.length,
  },
  '50 events: as it is': {
    calls: 200,
    bytes: batch.length,
    call: () => minimiseText(batch, maps.track.asIs),
  },
  '50 events: recommended': {
    calls: 200,
    bytes: batch.length,
    call: () => minimiseText(batch, maps.track.recommended),
  },
  '50 events in a form: decode, parse, stringify, encode': {
    calls: 200,
    bytes: form.length,
    call: () => plainForm(form),
  },
  '50 events in a form: recommended': {
    calls: 200,
    bytes: form.length,
    call: () => minimiseForm(form, maps.track.recommended),
  },
};

const rounds = new Map<string, number[]>(Object.keys(cases).map((name) => [name, []]));
let sink = 0;
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, { calls, call }] of Object.entries(cases)) {
    const before = process.cpuUsage();
    for (let i = 0; i < calls; i++) sink += call();
    const { user, system } = process.cpuUsage(before);
    rounds.get(name)?.push((user + system) / calls);
  }
}

const results: Record<string, { bytes: number; 'CPU µs per body': number }> = {};
for (const [name, { bytes }] of Object.entries(cases)) {
  // The first two rounds warm up.
  const measured = (rounds.get(name) ?? []).slice(2).sort((a, b) => a - b);
  const median = measured[measured.length >> 1] ?? 0;
  results[name] = { bytes, 'CPU µs per body': Number(median.toFixed(1)) };
}
console.table(results);
if (sink === 0) throw new Error('nothing was measured');
