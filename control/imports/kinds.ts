/** Sources of others that can be taken in. None of their data is shipped: whoever takes one in keeps to its terms. */
export const importKinds = {
  tracker_radar: {
    name: 'DuckDuckGo Tracker Radar',
    licence: 'CC BY-NC-SA 4.0',
    home: 'https://github.com/duckduckgo/tracker-radar',
  },
  trackerdb: {
    name: 'Ghostery TrackerDB',
    licence: 'CC BY-NC-SA 4.0',
    home: 'https://github.com/ghostery/trackerdb',
  },
  probo: {
    name: 'Probo’s list of vendors',
    licence: 'CC BY-SA 4.0',
    home: 'https://github.com/getprobo/probo',
  },
  gvl: {
    name: 'IAB Europe TCF Global Vendor List',
    licence: 'terms of IAB Europe',
    home: 'https://iabeurope.eu/tcf-supporting-resources/',
  },
  caiq: {
    name: 'CAIQ',
    licence: 'terms of the Cloud Security Alliance',
    home: 'https://cloudsecurityalliance.org/artifacts/star-level-1-security-questionnaire-caiq-v4',
  },
} as const;

export type ImportKind = keyof typeof importKinds;
export const importKindNames = Object.keys(importKinds) as [ImportKind, ...ImportKind[]];

/** How a source is marked wherever it says something. `importedAt`: when it was taken in. */
export function labelOf(kind: ImportKind, version: string, importedAt: Date): string {
  const { name, licence } = importKinds[kind];
  return `${name} ${version}, imported ${importedAt.toISOString().slice(0, 10)}, ${licence}: your use`;
}
