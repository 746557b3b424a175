import { isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { phases, roles } from './tables.ts';

/** What is done in which kind of incident, as data (`packs/playbooks/*.yaml`): tasks with who and within what time, and questions. */
export const PLAYBOOK_FORMAT = 'drawbridge.playbook/1';

const Slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'lower case letters, digits and -, at most 61');
const Line = z.string().trim().min(1).max(200);
const Text = z.string().trim().min(1).max(1000);

const TaskSchema = z.strictObject({
  id: Slug,
  title: Line,
  why: Text,
  phase: z.enum(phases),
  role: z.enum(roles).optional(),
  /** Minutes since the incident was opened. */
  within_minutes: z.int().min(1).max(525_600).optional(),
});

const PlaybookSchema = z.strictObject({
  format: z.literal(PLAYBOOK_FORMAT),
  id: Slug,
  name: Line,
  when: Text,
  as_of: z.iso.date(),
  sources: z
    .array(z.strictObject({ url: z.url({ protocol: /^https$/ }).max(500), as_of: z.iso.date(), for: Line }))
    .min(1)
    .max(20),
  tasks: z.array(TaskSchema).min(1).max(60),
  /** To the vendor. `hours`: after which silence is told. */
  questions: z.array(z.strictObject({ id: Slug, text: Text, hours: z.int().min(1).max(720) })).max(30),
});
export type Playbook = z.infer<typeof PlaybookSchema>;

export interface PlaybookProblem {
  file: string;
  line: number;
  column: number;
  field: string;
  message: string;
}

const LARGEST = 128 * 1024;

/** Reads a playbook from its text. `file`: its name, `<id>.yaml`. */
export function readPlaybook(
  file: string,
  text: string,
): { playbook: Playbook } | { problems: PlaybookProblem[] } {
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
  const parsed = PlaybookSchema.safeParse(document.toJS());
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.map((issue) => {
        const node = document.getIn(issue.path as (string | number)[], true);
        const range = isMap(node) || isScalar(node) ? node.range : null;
        const { line, col } = placeOf(range?.[0]);
        return problem(issue.path.join('.'), issue.message, line, col);
      }),
    };
  }
  const playbook = parsed.data;
  const twice = (ids: readonly string[]) => ids.find((id, at) => ids.indexOf(id) !== at);
  const task = twice(playbook.tasks.map(({ id }) => id)) ?? twice(playbook.questions.map(({ id }) => id));
  if (task !== undefined) return { problems: [problem('tasks', `${task} is there twice`)] };
  if (`${playbook.id}.yaml` !== file)
    return { problems: [problem('id', `the file of ${playbook.id} is called ${playbook.id}.yaml`)] };
  return { playbook };
}
