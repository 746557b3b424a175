import { type CoverageKind, coverageKinds, measureQuality } from '../server/discover/quality.ts';

/** How many of a made-up company's vendors are found in its evidence, against a truth that was written by hand. */
const { vendors, places, unknown, coverage } = await measureQuality();
const share = (part: number, whole: number) => `${part} of ${whole} (${((100 * part) / whole).toFixed(1)} %)`;
const said = vendors.found + vendors.wrong.length;
console.log(`vendors found      ${share(vendors.found, vendors.true)}`);
console.log(`of those said      ${share(vendors.found, said)} are right`);
console.log(`vendors by file    ${share(places.found, places.true)}`);
console.log(`names of nobody    ${unknown}`);
console.log(`missed             ${vendors.missed.join(' ') || 'none'}`);
console.log(`missed in a file   ${places.missed.join(' ')}`);
for (const [kind, name] of Object.entries(coverageKinds) as [CoverageKind, string][]) {
  const { vendors: behind, names } = coverage[kind];
  console.log(
    `behind ${name.padEnd(12)} ${share(behind.found, behind.true)} of the vendors are known; missed: ${behind.missed.join(' ') || 'none'}`,
  );
  console.log(
    `  different names  ${share(names.known, names.all)} are a known vendor’s, ${names.perhaps} more are on the public list of web hosts`,
  );
}
