#!/usr/bin/env node
// Shows that what lies beside an entry in this folder is what the entry commits to. verify.mjs shows that the log has
// the entry. Needs Node 18 or newer and nothing else; reads this folder only, writes nothing, asks nobody.
//   node opens.mjs      exit code 0: it is; 1: it is not; 2: there is nothing to look at, or it can't be read
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (name) => fileURLToPath(new URL(name, import.meta.url));
const read = (name) => readFileSync(at(name));
const sha256 = (...parts) => parts.reduce((state, part) => state.update(part), createHash('sha256')).digest();

const found = [];
const tell = (fits, what) => {
  found.push(fits);
  console.log(`${fits ? 'ok ' : 'BAD'} ${what}`);
};

/** A change: its entry has, as `commit`, SHA-256 of a random salt and the row. */
function row() {
  const { commit } = JSON.parse(read('change.entry').toString());
  const same = commit === sha256(read('salt'), read('row.json')).toString('base64');
  tell(same, 'row.json with its salt is what change.entry commits to');
}

/** A crossing: its leaf has, as `payload`, SHA-256 of the number of its items and their hashes, in their order. */
function items() {
  const leaf = JSON.parse(read('leaf.entry').toString());
  const names = Array.from({ length: Math.min(leaf.items, 100_000) }, (_, item) => {
    return existsSync(at(`items/${item}.json`)) ? `items/${item}.json` : `items/${item}.hash`;
  });
  const hashes = names.map((name) => {
    if (name.endsWith('.json')) return sha256('drawbridge item 1\n', read(name));
    return Buffer.from(read(name).toString().trim(), 'hex');
  });
  const made = sha256(`drawbridge payload 1\n${hashes.length}\n`, ...hashes).toString('base64url');
  const same = leaf.payload === made && readdirSync(at('items')).length === names.length;
  const shown = names.filter((name) => name.endsWith('.json'));
  tell(same, `${shown.join(', ')}: of the ${names.length} items that leaf.entry commits to`);
}

try {
  if (existsSync(at('row.json'))) row();
  if (existsSync(at('items'))) items();
  if (found.length === 0) console.log('There is nothing beside the entry here that it could commit to.');
  process.exitCode = found.length === 0 ? 2 : found.every(Boolean) ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
