import { SaxesParser } from 'saxes';
import { DEEPEST, malformed, tooDeep } from './tree.ts';

export interface Element {
  /** Without its prefix. */
  name: string;
  line: number;
  attributes: Map<string, string>;
  text: string;
  children: Element[];
}

const MOST_ELEMENTS = 1_000_000;

/**
 * An XML text as elements with lines. Entities that a document defines are not expanded, and a document that uses one is refused;
 * nothing outside of the text is opened.
 */
export function xmlTree(text: string): Element {
  const root: Element = { name: '', line: 1, attributes: new Map(), text: '', children: [] };
  const open: Element[] = [root];
  let count = 0;
  let line = 1;
  let failed: Error | null = null;
  const parser = new SaxesParser({ xmlns: false });
  parser.on('error', (error) => {
    // Not handed on as the cause: its message quotes the text.
    failed ??= malformed(
      parser.line,
      /entity/i.test(error.message) ? 'it uses an entity of its own' : 'this is no XML',
    );
  });
  parser.on('opentagstart', () => {
    line = parser.line;
  });
  parser.on('opentag', ({ name, attributes }) => {
    count += 1;
    if (open.length > DEEPEST) failed ??= tooDeep(line);
    if (count > MOST_ELEMENTS) failed ??= malformed(line, `it has more than ${MOST_ELEMENTS} elements`);
    const element: Element = {
      name: withoutPrefix(name),
      line,
      attributes: new Map(Object.entries(attributes)),
      text: '',
      children: [],
    };
    if (failed === null) open.at(-1)?.children.push(element);
    if (failed === null) open.push(element);
  });
  parser.on('text', (piece) => {
    const top = open.at(-1);
    if (top !== undefined && top !== root) top.text += piece;
  });
  parser.on('cdata', (piece) => {
    const top = open.at(-1);
    if (top !== undefined && top !== root) top.text += piece;
  });
  parser.on('closetag', () => {
    if (open.length > 1) open.pop();
  });
  // In pieces, so that what is refused is not read to its end.
  for (let at = 0; at < text.length && failed === null; at += 65_536)
    parser.write(text.slice(at, at + 65_536));
  if (failed === null) parser.close();
  if (failed !== null) throw failed;
  return root;
}

const withoutPrefix = (name: string): string => name.slice(name.indexOf(':') + 1);

export function child(element: Element | undefined, ...path: string[]): Element | undefined {
  let found = element;
  for (const name of path) found = found?.children.find((inner) => inner.name === name);
  return found;
}

export function childText(element: Element | undefined, name: string): string | undefined {
  return child(element, name)?.text.trim();
}

/** Each element below, in order. */
export function* elements(element: Element): Generator<Element> {
  for (const inner of element.children) {
    yield inner;
    yield* elements(inner);
  }
}
