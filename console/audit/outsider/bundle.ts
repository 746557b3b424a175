import verify from '@drawbridge/tlog/verify.mjs?raw';
import { zipSync } from 'fflate';
import opens from './opens.mjs?raw';
import { outsiderPage } from './page.ts';

/** A file beside entry and proof, which the entry commits to. */
export interface OpenedFile {
  name: string;
  /** What it holds, for the page that lies beside it. */
  text: string;
  bytes: Uint8Array;
}

/** All that somebody needs who believes nothing of what we say. */
export interface Bundle {
  /** What it is about, in a few words without personal data. */
  title: string;
  log: { origin: string; verifierKey: string };
  /** Entries with their proofs; the files are called `<name>.entry` and `<name>.tlog-proof`. */
  parts: readonly BundlePart[];
  opened: readonly OpenedFile[];
}

export interface BundlePart {
  name: 'leaf' | 'settlement' | 'change';
  entry: Uint8Array;
  proof: string;
  /** The signed checkpoint that the proof ends with. */
  checkpoint: string;
  /** Where the entry stands, and in how large a tree. */
  index: number;
  size: number;
}

/** What the files are called and hold. At least one part. */
function bundleFiles(bundle: Bundle): Record<string, Uint8Array> {
  const text = new TextEncoder();
  const files: Record<string, Uint8Array> = {
    'index.html': text.encode(outsiderPage(bundle)),
    'verify.mjs': text.encode(verify),
    'verifier-key.txt': text.encode(`${bundle.log.verifierKey}\n`),
    checkpoint: text.encode(bundle.parts[0]?.checkpoint ?? ''),
  };
  for (const { name, entry, proof } of bundle.parts) {
    files[`${name}.entry`] = entry;
    files[`${name}.tlog-proof`] = text.encode(proof);
  }
  if (bundle.opened.length > 0) files['opens.mjs'] = text.encode(opens);
  for (const { name, bytes } of bundle.opened) files[name] = bytes;
  return files;
}

/** The files in a zip. */
export const zipBundle = (bundle: Bundle): Uint8Array<ArrayBuffer> =>
  new Uint8Array(zipSync(bundleFiles(bundle)));
