import { exampleOf, seeded } from '@drawbridge/scan/testing';

/**
 * Made-up text of the kinds that gateways pass, the same for the same seed: prompts (prose with lists, quoted logs, JSON)
 * and code. No secret is in it unless it is asked for.
 */
const WORDS =
  'the of and to in is that for it with as was on be at by this have from or had not are but what were when we there can an your which their said if do will each about how up out them then she many some so these would other into has more two like him see time could no make than first been its who now people my made over did down only way find use may water long little very after words called just where most know get through back much before go good new write our used me man too any day same right look think also around another came come work three word must because does part even place well such here take why things help put years different away again off went old number great tell men say small every found still between name should home big give air line set own under read last never us left end along while might next sound below saw something thought both few those always looked show large often together asked house world going want school important until form food keep children feet land side without boy once animals life enough took sometimes four head above kind began almost live page got earth need far hand high year mother light parts country father let night following picture being study second eyes soon times story boys since white days ever paper hard near sentence better best across during today others however sure means knew its try told young miles sun ways thing whole hear example heard several change answer room sea against top turned learn point city play toward five using himself usually'.split(
    ' ',
  );
const NAMES =
  'request response handler user account order item config client server buffer stream parser token index value result state option context message event queue worker cache store record entry field name path file line count total size limit offset length start end'.split(
    ' ',
  );

class Maker {
  readonly random: () => number;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  below(count: number): number {
    return Math.floor(this.random() * count);
  }

  one(list: readonly string[]): string {
    return list[this.below(list.length)] ?? '';
  }

  sentence(): string {
    const words = Array.from({ length: 6 + this.below(16) }, () => this.one(WORDS));
    const text = words.join(' ');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}${this.one(['.', '.', '.', '?', ', and so on:'])}`;
  }

  name(): string {
    return Array.from({ length: 1 + this.below(3) }, (_, at) => {
      const word = this.one(NAMES);
      return at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1);
    }).join('');
  }

  paragraph(): string {
    const kind = this.below(10);
    if (kind < 6) return Array.from({ length: 2 + this.below(5) }, () => this.sentence()).join(' ');
    if (kind === 6) return Array.from({ length: 4 }, () => `- ${this.sentence()}`).join('\n');
    if (kind === 7)
      return Array.from(
        { length: 5 },
        (_, at) =>
          `2031-0${1 + this.below(9)}-1${at} 12:0${at}:${10 + this.below(49)}.${this.below(999)} INFO ${this.name()} took ${this.below(900)} ms, id=${exampleOf('{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}', this.random)}`,
      ).join('\n');
    if (kind === 8)
      return `{${Array.from({ length: 6 }, () => `"${this.name()}": ${this.one(['"yes"', '12', 'true', '"a few words"'])}`).join(', ')}}`;
    return `See https://docs.example/${this.one(WORDS)}/${this.one(WORDS)}?page=${this.below(99)} and commit ${exampleOf('{hex:40}', this.random)}.`;
  }

  line(depth: number): string {
    const pad = '  '.repeat(depth);
    switch (this.below(7)) {
      case 0:
        return `${pad}const ${this.name()} = await ${this.name()}.${this.name()}(${this.name()}, ${this.below(500)});`;
      case 1:
        return `${pad}if (${this.name()} === null || ${this.name()}.length > ${this.below(64)}) return ${this.name()};`;
      case 2:
        return `${pad}// ${this.sentence()}`;
      case 3:
        return `${pad}${this.name()}: { ${this.name()}: '${this.one(WORDS)}', ${this.name()}: ${this.below(9)} },`;
      case 4:
        return `${pad}export function ${this.name()}(${this.name()}: string, ${this.name()}?: number): void {`;
      case 5:
        return `${pad}import { ${this.name()}, ${this.name()} } from './${this.one(WORDS)}/${this.one(NAMES)}.ts';`;
      default:
        return `${pad}this.#${this.name()} = new ${this.name()}${this.below(100)}(\`\${${this.name()}}/${this.one(WORDS)}\`);`;
    }
  }
}

/** Pieces of exactly `length` characters. A fifth of the prompts hold characters beyond Latin-1, as typed by people. */
export function prompts(count: number, length: number, seed: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const maker = new Maker(seed + at);
    let text = '';
    while (text.length < length) text += `${maker.paragraph()}\n\n`;
    if (at % 5 === 0) text = text.replaceAll(', and', ' – and').replaceAll('"', '”');
    return flat(text.slice(0, length));
  });
}

export function code(count: number, length: number, seed: number): string[] {
  return Array.from({ length: count }, (_, at) => {
    const maker = new Maker(seed + at);
    let text = '';
    while (text.length < length) text += `${maker.line(maker.below(4))}\n`;
    return flat(text.slice(0, length));
  });
}

/** A string of its own, not a view of the pieces that it was put together of: as it comes out of a body. */
const flat = (text: string): string => Buffer.from(text).toString();
