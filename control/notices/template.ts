import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { factNames } from './sheet.ts';
import { languages } from './tables.ts';

/** What a kind of notice says, as data (`packs/notices/*.yaml`), in every language. */
export const TEMPLATE_FORMAT = 'drawbridge.notice/1';

/** What may stand in braces. `fact.<name>`: a fact with how sure it is. */
export const placeholders = [
  'organisation',
  'contact',
  'page',
  'party',
  'incident',
  'date',
  'absent',
  'unknowns',
  'changes',
  'reader',
  'scope',
  'agreements',
  'questions',
  ...factNames.map((name) => `fact.${name}` as const),
] as const;
export type Placeholder = (typeof placeholders)[number];

const known = new Set<string>(placeholders);
const Text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .superRefine((text, context) => {
      for (const [, name = ''] of text.matchAll(/\{([^{}]*)\}/g)) {
        if (!known.has(name))
          context.addIssue({ code: 'custom', message: `{${name}} is nothing that can be put in` });
      }
    });

const Version = z.strictObject({ name: Text(100), subject: Text(200), body: Text(8000) });

const TemplateSchema = z.strictObject({
  format: z.literal(TEMPLATE_FORMAT),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'lower case letters, digits and -, at most 61'),
  /** Who reads it. `people` and `public` get no link but to the organisation's own stated page. */
  for: z.enum(['authority', 'people', 'customer', 'board', 'inside', 'public', 'vendor']),
  /** What asks for it, if a law does. */
  basis: z.string().trim().max(200).nullable(),
  as_of: z.iso.date(),
  /** Whose addresses it goes to by mail. `directory`: of the people whom the blast radius names. */
  recipients: z.enum(['directory', 'entered']),
  /** A scope of the reader's own is asked for, and nothing of others is said. */
  own_scope: z.boolean().default(false),
  /** What goes along with a mail. */
  attach: z.enum(['none', 'pdf']).default('none'),
  /** Fields by the numbers of a reporting standard, for export. */
  fields: z.enum(['none', 'dora']).default('none'),
  ...(Object.fromEntries(languages.map((language) => [language, Version])) as Record<
    (typeof languages)[number],
    typeof Version
  >),
});
export type Template = z.infer<typeof TemplateSchema>;

export interface TemplateProblem {
  file: string;
  line: number;
  column: number;
  field: string;
  message: string;
}

const LARGEST = 64 * 1024;

/** Reads a template from its text. `file`: its name, `<id>.yaml`. */
export function readTemplate(
  file: string,
  text: string,
): { template: Template } | { problems: TemplateProblem[] } {
  const problem = (field: string, message: string, line = 1, column = 1) => ({
    file,
    line,
    column,
    field,
    message,
  });
  if (text.length > LARGEST) return { problems: [problem('', `is longer than ${LARGEST} characters`)] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, merge: false });
  const placeOf = (offset: number | undefined) => lines.linePos(offset ?? 0);
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map((error) => {
        const { line, col } = placeOf(error.pos[0]);
        return problem('', error.message.split('\n')[0] ?? 'is no YAML', line, col);
      }),
    };
  }
  let aliases = false;
  visit(document, {
    Alias: () => {
      aliases = true;
    },
  });
  if (aliases) return { problems: [problem('', 'has aliases; write each value where it belongs')] };
  const parsed = TemplateSchema.safeParse(document.toJS());
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map((issue) => {
        const node = document.getIn(issue.path as (string | number)[], true);
        const { line, col } = placeOf((isMap(node) || isScalar(node) ? node.range : null)?.[0]);
        return problem(issue.path.join('.'), issue.message, line, col);
      }),
    };
  }
  const template = parsed.data;
  if (`${template.id}.yaml` !== file) {
    return { problems: [problem('id', `the file of ${template.id} is called ${template.id}.yaml`)] };
  }
  for (const language of languages) {
    // What was not affected is always said: the words of it are worked out, so that nobody says more than is known.
    const wanted = template.for === 'vendor' ? [] : ['{absent}'];
    const missing = wanted.find((one) => !template[language].body.includes(one));
    if (missing !== undefined) return { problems: [problem(`${language}.body`, `has to hold ${missing}`)] };
  }
  return { template };
}
