import { strToU8, type Zippable, zipSync } from 'fflate';

/** Files in the forms of public sources. All vendors, domains and answers in them are made up. */

export const entityMap = JSON.stringify({
  'Orbit Metrics, Inc.': {
    aliases: ['Orbit'],
    properties: [
      'orbit-metrics.example',
      'orbitcdn.example',
      'acme.herokuapp.com',
      'herokuapp.com',
      'no domain',
    ],
    displayName: 'Orbit Metrics',
  },
  'Plain Ads GmbH': { aliases: [], properties: ['plainads.example'], displayName: 'Plain Ads' },
});

export const radarFiles = JSON.stringify([
  {
    name: 'Orbit Metrics, Inc.',
    displayName: 'Orbit Metrics',
    properties: ['orbit-metrics.example'],
    prevalence: 0.01,
  },
  {
    domain: 'orbitcdn.example',
    owner: {
      name: 'Orbit Metrics, Inc.',
      displayName: 'Orbit Metrics',
      url: 'https://orbit-metrics.example',
      privacyPolicy: 'javascript:alert(1)',
    },
    categories: ['Analytics'],
    resources: [],
  },
  { domain: 'nobody.example', owner: null },
]);

export const trackerDb = JSON.stringify({
  categories: { site_analytics: { name: 'Site Analytics', color: '#fff', description: '' } },
  organizations: {
    orbit: {
      name: 'Orbit Metrics',
      website_url: 'https://orbit-metrics.example/',
      country: 'de',
      privacy_policy_url: 'https://orbit-metrics.example/privacy',
      privacy_contact: 'privacy@orbit-metrics.example',
    },
  },
  patterns: {
    orbit_pixel: {
      name: 'Orbit Pixel',
      category: 'site_analytics',
      organization: 'orbit',
      domains: ['pixel.orbit-metrics.example'],
      filters: ['||pixel.orbit-metrics.example^'],
    },
    loner: { name: 'Loner', category: 'constructor', organization: null, domains: ['loner.example'] },
  },
  domains: {},
  filters: {},
});

export const gvl = (version = 42, day = '2025-10-30'): string =>
  JSON.stringify({
    gvlSpecificationVersion: 3,
    vendorListVersion: version,
    tcfPolicyVersion: 5,
    lastUpdated: `${day}T16:00:00Z`,
    purposes: { 1: { id: 1, name: 'Store information' }, 7: { id: 7, name: 'Measure performance' } },
    specialPurposes: { 1: { id: 1, name: 'Ensure security' } },
    dataCategories: { 1: { id: 1, name: 'IP addresses' } },
    vendors: {
      8: {
        id: 8,
        name: 'Orbit Metrics, Inc.',
        purposes: [1],
        legIntPurposes: [7],
        specialPurposes: [1],
        dataRetention: { stdRetention: 365, purposes: { 7: 90 }, specialPurposes: { 1: 30 } },
        urls: [{ langId: 'en', privacy: 'https://orbit-metrics.example/privacy' }],
        dataDeclaration: [1],
      },
      9: { id: 9, name: 'Gone Ltd', deletedDate: '2024-01-01T00:00:00Z' },
    },
  });

const HEAD = [
  'Question ID',
  'Question',
  'CSP CAIQ Answer',
  'SSRM Control Ownership',
  'CSP Implementation Description (Optional/Recommended)',
  'CSC Responsibilities (Optional/Recommended)',
  'CCM Control ID',
];
/** Answers of a made-up vendor to made-up questions, in the columns of CAIQ v4. */
export const caiqRows: readonly (readonly string[])[] = [
  ['CONSENSUS ASSESSMENTS INITIATIVE QUESTIONNAIRE v4.0.3'],
  HEAD,
  ['A&A-01.1', 'Is there a made-up policy?', 'Yes', 'CSP-owned', 'It is <written> & kept.', '', 'A&A-01'],
  ['IAM-14.1', 'Is a second factor asked for?', 'No', 'Shared CSP and CSC', '', '', 'IAM-14'],
  ['DSP-10.2', 'Is it told where data goes?', 'NA', '', '', '', 'DSP-10'],
  ['SEF-07.1', 'Are breaches told?', '', '', '', '', 'SEF-07'],
  ['SEF-08.1', 'Is there a contact?', 'Perhaps', '', '', '', 'SEF-08'],
  ['', 'End of standard'],
];

const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const letter = (column: number): string => String.fromCharCode(65 + column);

/** The parts of a workbook with one sheet, its texts shared. */
export function workbookParts(rows: readonly (readonly string[])[], sheet = 'CAIQv4.0.3'): Zippable {
  const texts = [...new Set(rows.flat())];
  const cell = (text: string, column: number, row: number) =>
    text === '' ? '' : `<c r="${letter(column)}${row}" t="s"><v>${texts.indexOf(text)}</v></c>`;
  const sheetRows = rows.map(
    (cells, at) =>
      `<row r="${at + 1}">${cells.map((text, column) => cell(text, column, at + 1)).join('')}</row>`,
  );
  return {
    '[Content_Types].xml': strToU8('<Types/>'),
    'xl/workbook.xml': strToU8(
      `<workbook xmlns:r="r"><sheets><sheet name="Introduction" r:id="rId2"/><sheet name="${sheet}" r:id="rId1"/></sheets></workbook>`,
    ),
    'xl/_rels/workbook.xml.rels': strToU8(
      '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>',
    ),
    'xl/sharedStrings.xml': strToU8(
      `<sst>${texts.map((text) => `<si><r><t>${xml(text)}</t></r><rPh><t>aside</t></rPh></si>`).join('')}</sst>`,
    ),
    'xl/worksheets/sheet1.xml': strToU8(
      `<worksheet><sheetData>${sheetRows.join('')}</sheetData></worksheet>`,
    ),
    'xl/worksheets/sheet2.xml': strToU8(
      '<worksheet><sheetData><row><c t="inlineStr"><is><t>Read me</t></is></c></row></sheetData></worksheet>',
    ),
  };
}

export const workbook = (rows = caiqRows, sheet?: string): Uint8Array => zipSync(workbookParts(rows, sheet));
