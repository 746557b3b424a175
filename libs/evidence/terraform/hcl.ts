import { DEEPEST, type Tree, tooDeep } from '../documents/tree.ts';
import { type Token, tokensOf } from './tokens.ts';

export interface Block {
  type: string;
  labels: string[];
  line: number;
  attributes: Map<string, Tree>;
  blocks: Block[];
}

/**
 * The blocks of a file in Terraform's language, as far as they are written out: texts without templates, lists and objects. Any
 * other expression is a leaf of `null`; none is evaluated.
 */
export function hclBlocks(text: string): Block {
  return new HclReader(tokensOf(text)).file();
}

class HclReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  file(): Block {
    const root: Block = { type: '', labels: [], line: 1, attributes: new Map(), blocks: [] };
    while (this.#at < this.#tokens.length) {
      this.#body(root, 0);
      // What closes nothing is passed over.
      this.#at += 1;
    }
    return root;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #body(block: Block, depth: number): void {
    const begin = this.#peek()?.line ?? 1;
    if (depth > DEEPEST) throw tooDeep(begin);
    for (let token = this.#peek(); token !== undefined && token.is !== '}'; token = this.#peek()) {
      this.#at += 1;
      if (token.is !== 'word' && token.is !== 'text') continue;
      const labels: string[] = [];
      let next = this.#peek();
      while (next?.is === 'word' || next?.is === 'text') {
        labels.push(next.text ?? '');
        this.#at += 1;
        next = this.#peek();
      }
      if (next?.is === '{') {
        this.#at += 1;
        const inner: Block = {
          type: token.text ?? '',
          labels,
          line: token.line,
          attributes: new Map(),
          blocks: [],
        };
        this.#body(inner, depth + 1);
        this.#at += 1;
        block.blocks.push(inner);
      } else if (next?.is === '=' && labels.length === 0) {
        this.#at += 1;
        block.attributes.set(token.text ?? '', { ...this.#expression(depth + 1), line: token.line });
      }
    }
  }

  #expression(depth: number): Tree {
    const first = this.#peek();
    const line = first?.line ?? 1;
    if (depth > DEEPEST) throw tooDeep(line);
    let value: Tree = { is: 'leaf', line, value: null };
    if (first?.is === 'text') {
      value = { is: 'leaf', line, value: first.text };
      this.#at += 1;
    } else if (first?.is === '[') value = this.#list(line, depth);
    else if (first?.is === '{') value = this.#object(line, depth);
    return this.#restIsEmpty() ? value : { is: 'leaf', line, value: null };
  }

  /** Passes over the rest of an expression; whether there was none. */
  #restIsEmpty(): boolean {
    let depth = 0;
    let isEmpty = true;
    for (let token = this.#peek(); token !== undefined; token = this.#peek()) {
      const closes = token.is === ')' || token.is === ']' || token.is === '}';
      if (depth === 0 && (closes || token.is === 'newline' || token.is === ',')) break;
      if (closes) depth -= 1;
      else if (token.is === '(' || token.is === '[' || token.is === '{') depth += 1;
      isEmpty = false;
      this.#at += 1;
    }
    return isEmpty;
  }

  #list(line: number, depth: number): Tree {
    const items: Tree[] = [];
    this.#at += 1;
    for (let token = this.#peek(); token !== undefined && token.is !== ']'; token = this.#peek()) {
      const before = this.#at;
      if (token.is === 'newline' || token.is === ',') this.#at += 1;
      else items.push(this.#expression(depth + 1));
      if (this.#at === before) this.#at += 1;
    }
    this.#at += 1;
    return { is: 'list', line, items };
  }

  #object(line: number, depth: number): Tree {
    const members = new Map<string, Tree>();
    this.#at += 1;
    for (let token = this.#peek(); token !== undefined && token.is !== '}'; token = this.#peek()) {
      this.#at += 1;
      if (token.is !== 'word' && token.is !== 'text') continue;
      const sign = this.#peek()?.is;
      if (sign !== '=' && sign !== ':') continue;
      this.#at += 1;
      members.set(token.text ?? '', { ...this.#expression(depth + 1), line: token.line });
    }
    this.#at += 1;
    return { is: 'table', line, members };
  }
}
