import { type Catalogue, createCatalogue } from './catalogue.ts';
import { readPack } from './load.ts';

/** A made-up vendor with one analytics and one AI service. */
export const acmePack = `format: drawbridge.pack/1
vendor: acme
name: Acme
homepage: https://acme.example.com
source: made up for tests
as_of: 2025-11-09
services:
  - id: analytics
    name: Acme Analytics
    kind: analytics
    browser: true
    regions:
      - id: us
        name: United States
        host: api.acme.test
        jurisdiction: US
        source: made up for tests
        as_of: 2025-11-09
      - id: eu
        name: European Union
        host: eu.acme.test
        jurisdiction: EU
        source: made up for tests
        as_of: 2025-11-09
    auth:
      - in: body
        path: properties.token
      - in: basic
        part: username
    headers: []
    endpoints:
      - id: track
        class: ingest
        methods: [GET, POST]
        path: /track
        body: json
        query: []
        fields:
          records: $[*]
          fields:
            - path: event
              class: event.name
              name: true
            - path: properties.$email
              class: person.email
          subjects:
            - path: properties.distinct_id
              kind: user
              rank: 0
          unmapped: event.unmapped
      - id: export
        class: admin
        methods: [GET]
        path: /export/{project}
        body: none
        query: []
        path_params:
          project: org.vendor_account
    errors: &errors
      refused:
        content_type: application/json
        body: '{"error":"{message}"}'
      later:
        content_type: application/json
        body: '{"error":"{message}"}'
    contracts:
      recommended:
        classes:
          event.name: { do: pass }
          person.email: { do: drop }
          person.id: { do: pseudonymise }
          geo.country: { do: pass, values: [DE, FR] }
        otherwise: { do: drop }
        unmapped: { do: drop }
        names: { do: pseudonymise, allowed: [] }
        properties: {}
      as_is: &as_is
        classes: {}
        otherwise: { do: pass }
        unmapped: { do: pass }
        names: { do: pass, allowed: [] }
        properties: {}
    snippets: []
    sample:
      endpoint: track
      body: '[{"event":"Signed up","properties":{"$email":"ada@example.com"}}]'
  - id: models
    name: Acme Models
    kind: ai
    browser: false
    regions:
      - id: us
        name: United States
        host: models.acme.test
        jurisdiction: US
        source: made up for tests
        as_of: 2025-11-09
      - id: own
        name: Your own
        host: your-host.acme.test
        jurisdiction: own
        own_host: true
        source: made up for tests
        as_of: 2025-11-09
    auth:
      - in: header
        name: authorization
        prefix: 'Bearer '
    headers: []
    endpoints:
      - id: chat
        class: inference
        methods: [POST]
        path: /v1/chat
        body: json
        query: []
        fields:
          records: $
          fields:
            - path: messages[*].content
              class: content.prompt
          subjects: []
          unmapped: content.unmapped
    errors: *errors
    contracts:
      recommended:
        classes:
          content.prompt: { do: pass }
        otherwise: { do: drop }
        unmapped: { do: pass }
        names: { do: pass, allowed: [] }
        properties: {}
      as_is: *as_is
    snippets: []
    sample:
      endpoint: chat
      body: '{"messages":[{"role":"user","content":"Hello"}]}'
`;

export function acmeCatalogue(): Catalogue {
  const read = readPack('acme.yaml', acmePack);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return createCatalogue([read.pack]);
}
