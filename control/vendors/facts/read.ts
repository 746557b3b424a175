import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { fieldName, LARGEST_PACK, type PackProblem, spread, whole } from '../load.ts';
import { positionOf, positionOfName } from '../position.ts';
import { type VendorFacts, VendorFactsSchema } from './schema.ts';

/** Reads every `*.yaml` of a folder. Gives the vendors that are right, in order of file names, and the problems of the others. */
export async function readFacts(
  folder: string,
): Promise<{ vendors: VendorFacts[]; problems: PackProblem[] }> {
  const vendors: VendorFacts[] = [];
  const problems: PackProblem[] = [];
  const files = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  for (const file of files) {
    const { size } = await stat(join(folder, file));
    if (size > LARGEST_PACK) {
      problems.push(whole(file, `has ${size} bytes; a vendor has at most ${LARGEST_PACK}`));
      continue;
    }
    const read = readVendor(file, await readFile(join(folder, file), 'utf8'));
    if ('problems' in read) problems.push(...read.problems);
    else vendors.push(read.vendor);
  }
  return { vendors, problems: [...problems, ...contradictions(vendors)] };
}

/** Reads one vendor from its text. `file`: its name in problems; what stands before `.yaml` has to be the vendor's id. */
export function readVendor(
  file: string,
  text: string,
): { vendor: VendorFacts } | { problems: PackProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    strict: true,
    prettyErrors: false,
  });
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return { file, line, column: col, field: '(yaml)', message: error.message };
      }),
    };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return { problems: [whole(file, 'has aliases: write each fact out')] };
  }
  const parsed = VendorFactsSchema.safeParse(value);
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.flatMap((issue) =>
        spread(issue).map(({ path, name, message }) => ({
          file,
          ...(name === undefined
            ? positionOf(document, lines, path)
            : positionOfName(document, lines, path, name)),
          field: fieldName(name === undefined ? path : [...path, name]),
          message,
        })),
      ),
    };
  }
  const problems: PackProblem[] = [];
  const add = (path: readonly PropertyKey[], message: string) =>
    problems.push({ file, ...positionOf(document, lines, path), field: fieldName(path), message });
  const { id, sources, services = [] } = parsed.data;
  if (file.replace(/\.ya?ml$/, '') !== id) add(['id'], `is not what the file is called (${file})`);
  const used = new Set<string>();
  const named = (path: readonly PropertyKey[], key: 'from' | 'service', given: string) => {
    if (key === 'service') {
      if (!services.some((one) => one.id === given)) add(path, `there is no service ${given} above`);
    } else if (sources[given] === undefined) {
      add(path, `there is no source ${given} above`);
    } else {
      used.add(given);
    }
  };
  visit(document, {
    Pair(_, pair, ancestors) {
      if (!isScalar(pair.key) || !isScalar(pair.value)) return;
      const key = pair.key.value;
      if ((key === 'from' || key === 'service') && typeof pair.value.value === 'string')
        named([...pathOf(ancestors), key], key, pair.value.value);
    },
  });
  for (const name of Object.keys(sources))
    if (!used.has(name)) add(['sources', name], 'no fact was read there: leave it out');
  const { domains, urls } = parsed.data;
  if (urls?.admin !== undefined) {
    const { hostname } = new URL(urls.admin.is);
    if (!domains.some(({ is }) => hostname === is || hostname.endsWith(`.${is}`)))
      add(['urls', 'admin', 'is'], `${hostname} is not below a domain of ${id}: people are sent there`);
  }
  for (const [index, { is }] of (parsed.data.mail ?? []).entries())
    if (parsed.data.mail?.findIndex((other) => other.is === is) !== index)
      add(['mail', index, 'is'], `${is} stands above already`);
  return problems.length > 0 ? { problems } : { vendor: parsed.data };
}

/** The path to the innermost collection of these. */
function pathOf(ancestors: readonly unknown[]): PropertyKey[] {
  const path: PropertyKey[] = [];
  for (const [index, ancestor] of ancestors.entries()) {
    const next = ancestors[index + 1];
    if (typeof ancestor !== 'object' || ancestor === null || next === undefined) continue;
    if ('key' in ancestor && isScalar(ancestor.key)) path.push(String(ancestor.key.value));
    else if (!isMap(ancestor) && 'items' in ancestor && Array.isArray(ancestor.items))
      path.push(ancestor.items.indexOf(next));
  }
  return path;
}

/** What two vendors can't both be: of one name, or the owner of one domain or package. */
function contradictions(vendors: readonly VendorFacts[]): PackProblem[] {
  const owners = new Map<string, string>();
  const ids = new Set(vendors.map(({ id }) => id));
  const problems: PackProblem[] = [];
  const claim = (what: string, vendor: VendorFacts, field: string) => {
    const other = owners.get(what);
    if (other === undefined) owners.set(what, vendor.id);
    else if (other !== vendor.id)
      problems.push({ ...whole(`${vendor.id}.yaml`, `${what} is ${other}'s already`), field });
  };
  for (const vendor of vendors) {
    claim(`the name ${vendor.name.toLowerCase()}`, vendor, 'name');
    for (const { is } of vendor.aliases ?? []) claim(`the name ${is.toLowerCase()}`, vendor, 'aliases');
    for (const { is } of vendor.domains) claim(`the domain ${is}`, vendor, 'domains');
    for (const { is } of vendor.mail ?? []) claim(`mail of ${is}`, vendor, 'mail');
    for (const { registry, is } of vendor.packages ?? [])
      claim(`the ${registry} package ${is}`, vendor, 'packages');
    if (vendor.parent !== undefined && !ids.has(vendor.parent.is))
      problems.push({
        ...whole(`${vendor.id}.yaml`, `there is no vendor ${vendor.parent.is}`),
        field: 'parent',
      });
  }
  return problems;
}
