import { type ImportedAnswer, Left, line, type ReadImport } from '../entry.ts';
import { unreadable } from '../error.ts';
import type { Sheet } from '../xlsx/sheet.ts';

/** A question of CAIQ v4: domain of the Cloud Controls Matrix, control, question. */
const QUESTION = /^[A-Z][A-Z&]{1,4}-\d{2}\.\d{1,2}$/;
const MOST_ANSWERS = 2_000;
const LONGEST = 4_000;
/** Rows in which the heads are looked for. */
const HEAD_ROWS = 20;

const words: ReadonlyMap<string, ImportedAnswer['answer']> = new Map([
  ['yes', 'yes'],
  ['no', 'no'],
  ['na', 'not_applicable'],
  ['n/a', 'not_applicable'],
  ['not applicable', 'not_applicable'],
]);

type Column = 'question' | 'asked' | 'answer' | 'owner' | 'explanation';
/** What a head means, the first that fits: "SSRM Control Ownership" and not the control's title. */
const heads: readonly (readonly [Column, RegExp])[] = [
  ['question', /^question ?id$/],
  ['asked', /^(?:assessment )?question(?: text)?$/],
  ['answer', /\banswer$|^response$/],
  ['owner', /^ssrm (?:control )?ownership$|^control ownership$/],
  ['explanation', /implementation description|^comment/],
];

const headOf = (text: string): Column | null => {
  const head = text
    .replaceAll(/[\s_]+/g, ' ')
    .replace(/\(.*\)/, '')
    .trim()
    .toLowerCase();
  return heads.find(([, pattern]) => pattern.test(head))?.[0] ?? null;
};

/** The answers of a workbook: of the first sheet that has columns "Question ID" and an answer. Throws ImportError. */
export function readCaiqSheets(sheets: readonly Sheet[]): ReadImport {
  for (const { name, rows } of sheets) {
    const at = rows.slice(0, HEAD_ROWS).findIndex((row) => {
      const kinds = row.cells.map(headOf);
      return kinds.includes('question') && kinds.includes('answer');
    });
    const head = rows[at];
    if (head === undefined) continue;
    const places = new Map<Column, number>();
    for (const [place, text] of head.cells.entries()) {
      const column = headOf(text);
      if (column !== null && !places.has(column)) places.set(column, place);
    }
    const found = collect();
    for (const row of rows.slice(at + 1)) {
      const cell = (column: Column) => row.cells[places.get(column) ?? -1] ?? '';
      found.add(
        { question: cell('question'), asked: cell('asked'), answer: cell('answer') },
        `row ${row.number}`,
        {
          owner: cell('owner'),
          explanation: cell('explanation'),
        },
      );
    }
    const version = /v\d+(?:\.\d+){0,2}/i.exec(name)?.[0] ?? versionAbove(rows.slice(0, at));
    return { version, asOf: null, vendors: [], ...found.end() };
  }
  throw unreadable('no sheet has the columns "Question ID" and "CSP CAIQ Answer", as CAIQ v4 has');
}

const versionAbove = (rows: Sheet['rows']): string | null =>
  /\bv\d+(?:\.\d+){0,2}/i.exec(
    rows
      .flatMap(({ cells }) => cells)
      .join(' ')
      .slice(0, 2_000),
  )?.[0] ?? null;

/**
 * The answers of a JSON file: of every object, wherever it stands, that has a question's id and an answer. The form in which
 * the Cloud Security Alliance publishes the questions has no answers; tools that fill it in put them beside the question.
 */
export function readCaiqJson(content: string): ReadImport {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable('is not JSON');
    throw error;
  }
  const found = collect();
  // No recursion: a file may be deep.
  const stack: unknown[] = [value];
  for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
    if (Array.isArray(one)) for (const inner of one.toReversed()) stack.push(inner);
    if (typeof one !== 'object' || one === null || Array.isArray(one)) continue;
    const object = one as Record<string, unknown>;
    const text = new Map<Column | 'id', string>();
    for (const [member, inner] of Object.entries(object).toReversed()) {
      if (typeof inner === 'object' && inner !== null) stack.push(inner);
      const column =
        member.toLowerCase() === 'id' ? 'id' : headOf(member.replaceAll(/([a-z])([A-Z])/g, '$1 $2'));
      if (column !== null && typeof inner === 'string') text.set(column, inner);
    }
    const question = text.get('question') ?? text.get('id') ?? '';
    if (!QUESTION.test(question.trim())) continue;
    found.add(
      { question, asked: text.get('asked') ?? '', answer: text.get('answer') ?? '' },
      question.trim(),
      { owner: text.get('owner') ?? '', explanation: text.get('explanation') ?? '' },
    );
  }
  const version = (value as { version?: unknown } | null)?.version;
  return {
    version: typeof version === 'string' ? line(version, 60) || null : null,
    asOf: null,
    vendors: [],
    ...found.end(),
  };
}

function collect() {
  const left = new Left();
  const found = new Map<string, ImportedAnswer>();
  return {
    add(
      given: { question: string; asked: string; answer: string },
      where: string,
      more: { owner: string; explanation: string },
    ): void {
      const question = given.question.trim();
      if (question === '') return;
      if (!QUESTION.test(question)) {
        left.add('rows without a question’s id');
        return;
      }
      if (found.has(question)) throw unreadable(`${where}: question ${question} stands there twice`);
      const said = given.answer.trim().toLowerCase();
      const answer = words.get(said);
      if (answer === undefined) {
        left.add(
          said === '' ? 'questions without an answer' : 'answers other than yes, no and not applicable',
        );
        return;
      }
      if (found.size >= MOST_ANSWERS) throw unreadable(`has more than ${MOST_ANSWERS} answers`);
      found.set(question, {
        question,
        asked: line(given.asked, LONGEST),
        answer,
        owner: line(more.owner, 200),
        explanation: line(more.explanation, LONGEST),
      });
    },
    end(): Pick<ReadImport, 'answers' | 'left'> {
      if (found.size === 0) throw unreadable('has no question of CAIQ v4 with an answer');
      return { answers: [...found.values()], left: left.all() };
    },
  };
}
