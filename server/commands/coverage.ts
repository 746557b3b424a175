import { coverageOf, missingOf, problemLine, readFacts } from '@drawbridge/control/packs';
import { shippedFacts } from '../shipped-packs.ts';

/** What is known of vendors, counted by kind of fact; exit code 1 where a file has a problem. */
export async function coverageCommand(options: { json?: boolean; missing?: boolean }): Promise<void> {
  const { vendors, problems } = await readFacts(shippedFacts);
  const coverage = coverageOf(vendors);
  const missing = vendors.flatMap((vendor) => {
    const lacks = missingOf(vendor);
    return lacks.length === 0 ? [] : [{ vendor: vendor.id, lacks }];
  });
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ ...coverage, missing, problems })}\n`);
  } else {
    const lines = [
      `${coverage.vendors} vendors, ${coverage.complete} of them complete, ${coverage.facts} facts.`,
      ...table(coverage.members, 'say'),
      ...table(coverage.categories, 'are'),
      ...(options.missing ? missing.map(({ vendor, lacks }) => `${vendor} lacks ${lacks.join('; ')}`) : []),
    ];
    process.stdout.write(`${[...lines, ...problems.map(problemLine)].join('\n')}\n`);
  }
  process.exitCode = problems.length === 0 ? 0 : 1;
}

function table(counts: Readonly<Record<string, number>>, verb: string): string[] {
  const rows = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return rows.map(([name, count]) => `${String(count).padStart(6)} ${verb} ${name}`);
}
