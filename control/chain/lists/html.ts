import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import type { Cell } from './read.ts';

type Node = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

/** What is never text that a person reads. */
const UNSEEN = new Set(['script', 'style', 'template', 'noscript', 'svg', 'head', 'button', 'select']);
/** Elements that stand alone: what is before and after them are two words. */
const APART = new Set(['br', 'p', 'div', 'li', 'td', 'th', 'tr', 'ul', 'ol', 'h1', 'h2', 'h3', 'h4']);

/**
 * The tables of a page as rows of cells, the first row their head; a cell over several columns stands in each of them. The
 * parser follows the HTML standard, runs nothing and fetches nothing; the walks have no recursion, since pages may be deep.
 */
export function tablesOf(content: string): Cell[][][] {
  const found: Cell[][][] = [];
  const tables = new Map<Element, Cell[][]>();
  for (const { node, table } of walk(content)) {
    if (node.tagName === 'table') {
      const rows: Cell[][] = [];
      tables.set(node, rows);
      found.push(rows);
    } else if (node.tagName === 'tr' && table !== null) {
      const cells = node.childNodes
        .filter(isElement)
        .filter(({ tagName }) => tagName === 'td' || tagName === 'th');
      if (cells.length > 0) tables.get(table)?.push(cells.flatMap(spread).slice(0, MOST_COLUMNS));
    }
  }
  return found;
}

const MOST_COLUMNS = 50;

/** The items of a page's lists, of those alone that hold no list themselves. */
export function linesOf(content: string): Cell[] {
  const items: Element[] = [];
  const holders = new Set<Element>();
  for (const { node, item } of walk(content)) {
    if (node.tagName !== 'li') continue;
    items.push(node);
    if (item !== null) holders.add(item);
  }
  return items.filter((item) => !holders.has(item)).map(cellOf);
}

interface Step {
  node: Element;
  table: Element | null;
  item: Element | null;
}

/** Every element that is seen, in the order of the page, with the table and the item that it stands in. */
function* walk(content: string): Generator<Step> {
  const stack: Step[] = stepsOf(parse(content).childNodes, null, null);
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    yield step;
    const { node } = step;
    const table = node.tagName === 'table' ? node : step.table;
    const item = node.tagName === 'li' ? node : step.item;
    for (const below of stepsOf(node.childNodes, table, item)) stack.push(below);
  }
}

/** The last first, as a stack gives them back. */
const stepsOf = (nodes: readonly Node[], table: Element | null, item: Element | null): Step[] =>
  nodes
    .filter(isElement)
    .filter(({ tagName }) => !UNSEEN.has(tagName))
    .map((node) => ({ node, table, item }))
    .reverse();

const isElement = (node: Node): node is Element => 'tagName' in node;

function spread(element: Element): Cell[] {
  const span = Number(attribute(element, 'colspan') ?? '1');
  const cell = cellOf(element);
  return Array.from(
    { length: Number.isInteger(span) && span > 1 ? Math.min(span, MOST_COLUMNS) : 1 },
    () => cell,
  );
}

const attribute = (element: Element, wanted: string): string | undefined =>
  element.attrs.find(({ name }) => name === wanted)?.value;

const LONGEST_CELL = 4_000;

function cellOf(element: Element): Cell {
  let [text, url] = ['', ''];
  const stack: Node[] = [element];
  for (let node = stack.pop(); node !== undefined && text.length < LONGEST_CELL; node = stack.pop()) {
    if ('value' in node) text += node.value;
    if (!isElement(node) || UNSEEN.has(node.tagName)) continue;
    // A table within a cell has rows of its own; read into each cell around it, deep pages would take time by their square.
    if (node.tagName === 'table') continue;
    if (APART.has(node.tagName)) text += ' ';
    if (node.tagName === 'a' && url === '') url = attribute(node, 'href') ?? '';
    for (const below of node.childNodes.toReversed()) stack.push(below);
  }
  return { text: text.slice(0, LONGEST_CELL), url };
}
