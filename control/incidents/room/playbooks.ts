import { z } from 'zod';
import { type Add, type PackFileProblem, readYaml } from '../../platform/index.ts';
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

/** Reads a playbook from its text. `file`: its name, `<id>.yaml`. */
export function readPlaybook(
  file: string,
  text: string,
): { playbook: Playbook } | { problems: PackFileProblem[] } {
  const read = readYaml(file, text, PlaybookSchema, sense(file));
  return 'problems' in read ? read : { playbook: read.value };
}

const sense = (file: string) => (playbook: Playbook, add: Add) => {
  for (const part of ['tasks', 'questions'] as const) {
    const ids = playbook[part].map(({ id }) => id);
    const twice = ids.findIndex((id, at) => ids.indexOf(id) !== at);
    if (twice >= 0) add([part, twice, 'id'], `${ids[twice]} is there twice`);
  }
  if (`${playbook.id}.yaml` !== file) add(['id'], `the file of ${playbook.id} is called ${playbook.id}.yaml`);
};
