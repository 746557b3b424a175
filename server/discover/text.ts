import type { DiscoverReport } from '@drawbridge/control/packs';

const SHOWN = 3;
const TROUBLES_SHOWN = 20;

/** The report for people: who is in use, how strongly it shows, and where. `troubles`: evidence that could not be read. */
export function discoverText(
  { vendors, unknownHosts, others }: DiscoverReport,
  troubles: DiscoverReport['skipped'],
): string {
  const lines: string[] = [];
  for (const grade of ['observed', 'configured', 'capable', 'transitive'] as const) {
    const those = vendors.filter((vendor) => vendor.grade === grade);
    if (those.length === 0) continue;
    lines.push(`${titles[grade]} (${those.length})`);
    for (const { id, name, sure, regions, evidence } of those) {
      const where = regions.length === 0 ? '' : `, ${regions.join(' and ')}`;
      lines.push(`  ${name}${sure ? '' : ' (perhaps)'}  [${id}${where}]  ${places(evidence)}`);
    }
    lines.push('');
  }
  if (unknownHosts.length > 0) {
    lines.push(`Hosts that no vendor is known for (${unknownHosts.length})`);
    for (const { domain, perhaps, evidence } of unknownHosts)
      lines.push(`  ${domain}${perhaps === null ? '' : `, perhaps ${perhaps}`}  ${places(evidence)}`);
    lines.push('');
  }
  if (others.length > 0) {
    lines.push(`Names that no vendor is known for (${others.length})`);
    for (const { kind, name, evidence } of others) lines.push(`  ${name} (${kind})  ${places(evidence)}`);
    lines.push('');
  }
  if (vendors.length + unknownHosts.length + others.length === 0)
    lines.push('No vendor shows in these files.', '');
  for (const { file, line, field, why } of troubles.slice(0, TROUBLES_SHOWN))
    lines.push(
      `${file}${line === undefined ? '' : `:${line}`}${field === undefined ? '' : ` ${field}`}: ${why}`,
    );
  const more = troubles.length - TROUBLES_SHOWN;
  if (more > 0) lines.push(`… and ${more} more that could not be read: --json has all`);
  return lines.join('\n');
}

const titles = {
  observed: 'In use: traffic, grants or invoices show it',
  configured: 'Set up: records, policies or names of secrets show it',
  capable: 'Possible: a package that talks to it is installed',
  transitive: 'Installed by something that is installed',
} as const;

function places(evidence: DiscoverReport['vendors'][number]['evidence']): string {
  const shown = evidence.slice(0, SHOWN).map(({ file, line }) => `${file}:${line}`);
  const more = evidence.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? `, ${more} more` : ''}`;
}
