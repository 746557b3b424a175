import type { Format, ReadOptions } from '../format.ts';
import type { Traces } from '../trace.ts';
import { jsonTree } from './json.ts';
import type { Tree } from './tree.ts';
import { wholeReader } from './whole.ts';
import { yamlTrees } from './yaml.ts';

type About = Pick<Format, 'id' | 'name' | 'fits'>;

export function textFormat(
  about: About,
  read: (text: string, traces: Traces, options: ReadOptions) => void,
): Format {
  return { ...about, reader: (traces, options) => wholeReader((text) => read(text, traces, options)) };
}

export function jsonFormat(
  about: About,
  read: (tree: Tree, traces: Traces, options: ReadOptions) => void,
): Format {
  return textFormat(about, (text, traces, options) => read(jsonTree(text), traces, options));
}

/** `read` is called for each document of the file. */
export function yamlFormat(
  about: About,
  read: (tree: Tree, traces: Traces, options: ReadOptions) => void,
): Format {
  return textFormat(about, (text, traces, options) => {
    for (const tree of yamlTrees(text)) read(tree, traces, options);
  });
}

/** The last part of a path. */
export const baseName = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** A file that has its name from its kind: 1 where the last part of its path is that name, else 0. */
export function named(pattern: RegExp): (name: string) => number {
  return (name) => (pattern.test(baseName(name)) ? 1 : 0);
}
