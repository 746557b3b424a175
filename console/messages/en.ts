/** The language of the console; a page takes its own words from it: `m.apps`. */
export * as m from './english.ts';
