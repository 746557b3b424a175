import { count, plural } from '../../design/format.ts';

export const world = {
  tab: 'World',
  titleEmpty: 'Nobody said where a vendor keeps data, and none was seen',
  title: (vendors: number, places: number, contradictions: number) =>
    contradictions === 0
      ? `${plural(vendors, 'vendor', 'vendors')} in ${plural(places, 'place', 'places')}, and no contradiction was seen`
      : `${plural(contradictions, 'statement is', 'statements are')} contradicted by where data went`,
  lead: (asOf: string) =>
    `What was declared, and the endpoints that crossings went to in the last 30 days. An endpoint shows where data entered, and no more. Law as of ${asOf}.`,
  teach:
    'Connect a vendor and send something: the endpoint shows here. What its contract says is declared on its page, and held against what is seen.',
  example: 'Mixpanel: contract says EU, endpoint api.mixpanel.com is in the United States. Contradicts.',
  goVendors: 'See the vendors',
  map: 'Map',
  picture: 'The picture of the world',
  mapLabel: (places: number) =>
    `Map of the world with ${plural(places, 'country', 'countries')} marked. The table below has the same content.`,
  legend: 'What the marks mean',
  legendLines: {
    observed: 'observed',
    declared: 'declared only',
    home: 'we are here',
    affected: 'loses its basis',
  },
  beside: 'Beside the map',
  besideLead: 'No country, so on no country.',
  groups: {
    EU: 'European Union',
    EEA: 'European Economic Area',
    GLOBAL: 'Anywhere',
    EDGE: 'Edge network',
    UNKNOWN: 'Unknown',
  } as Record<string, string>,
  besideText: {
    EU: 'no one state is named',
    EEA: 'no one state is named',
    GLOBAL: 'as the vendor says',
    EDGE: 'answers near the caller and proves nothing',
    UNKNOWN: 'nobody said, and nothing shows',
  } as Record<string, string>,
  small: 'too small for this map',
  places: 'Places',
  place: 'Place',
  observed: 'Vendors seen',
  declared: 'Vendors declared',
  crossings: 'Crossings',
  verdicts: 'What was declared there is',
  against: (statements: number) =>
    `${plural(statements, 'statement says', 'statements say')} it is elsewhere`,
  vendors: 'Vendors',
  moreVendors: (more: number) => ` and ${count(more)} more`,
  noVerdict: 'nothing declared',
  verdict: {
    contradicts: { mark: '▲', text: 'contradicts' },
    unknown: { mark: '?', text: 'unknown' },
    not_provable: { mark: '◇', text: 'not provable' },
    consistent: { mark: '●', text: 'consistent' },
  },
  contradictions: {
    title: 'Contradictions',
    lead: 'What was declared, and the latest crossing that went elsewhere.',
    vendor: 'Vendor',
    what: 'What',
    said: 'Said',
    seen: 'Seen',
    source: 'Source',
    crossing: 'Latest crossing',
  },
  home: {
    label: 'We are in',
    none: 'not said',
    set: 'Say where we are',
    lead: 'Lines on the map begin there. Nothing else depends on it.',
    country: 'Country',
  },
  falls: {
    title: 'What if a basis falls tomorrow?',
    lead: 'Every flow that rests on it by declaration, and every flow to a place that only it could allow.',
    label: 'Switch off',
    none: 'nothing',
    dpf: 'the EU-US Data Privacy Framework',
    scc: 'standard contractual clauses',
    bcr: 'binding corporate rules',
    derogation: 'derogations (Art. 49)',
    adequacy: (name: string) => `adequacy of ${name}`,
    challenged: 'It is challenged: ',
    answer: (affected: number, vendors: number, uncovered: number) =>
      affected === 0
        ? 'No known flow rests on it. What nobody declared and nothing was seen of is not counted.'
        : `${plural(affected, 'flow', 'flows')} at ${plural(vendors, 'vendor', 'vendors')}: ${
            uncovered === 0
              ? 'something else carries each'
              : `${plural(uncovered, 'has', 'have')} nothing else to rest on`
          }.`,
    table: 'Affected flows',
    vendor: 'Vendor',
    service: 'Service',
    allServices: 'all services',
    what: 'What',
    endpoint: 'endpoint',
    place: 'Place',
    classes: 'Kinds of data',
    people: 'People',
    layer: 'Known how',
    carries: 'Carried instead by',
    carriers: { adequacy: 'adequacy', scc: 'clauses, as declared', bcr: 'binding rules, as declared' },
    nothing: 'nothing',
  },
  layers: { declared: '○ declared', observed: '● observed' },
  kinds: {
    storage: 'storage',
    processing: 'processing',
    support: 'support access',
    backup: 'backup',
    sub_processors: 'sub-processors',
    telemetry: 'telemetry exception',
  },
  where: {
    title: 'Where it keeps data',
    lead: 'What was declared, held against the endpoints that were seen in the last 30 days.',
    none: 'Nobody declared where it keeps data: unknown.',
    statements: 'Declared places',
    what: 'What',
    place: 'Place',
    basis: 'Basis',
    noBasis: 'unknown',
    verdict: 'Verdict',
    source: 'Source',
    asOf: 'As of',
    seen: 'Endpoints seen',
    noneSeen: 'No endpoint was seen in the last 30 days.',
    host: 'Host',
    hostGone: 'no longer known',
    address: 'Address',
    how: 'How it is known',
    last: 'Last crossing',
    more: 'World',
  },
  basis: {
    eea: 'EEA',
    adequacy: (country: string) => `adequacy (${country})`,
    dpf: (certified: boolean | null) =>
      certified === null ? 'DPF (certificate unknown)' : certified ? 'DPF' : 'DPF (not certified)',
    scc: (modules: string, assessedOn: string | null) =>
      `SCC module ${modules}, ${assessedOn === null ? 'transfer not assessed' : `assessed ${assessedOn}`}`,
    bcr: 'BCR',
    derogation: (letter: string) => `Art. 49(1)(${letter})`,
  },
  attention: (contradictions: number) =>
    `${plural(contradictions, 'statement of where data is kept is', 'statements of where data is kept are')} contradicted by where crossings went.`,
};
