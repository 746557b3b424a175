import { z } from 'zod';
import { type PackFileProblem, readYaml } from '../platform/index.ts';

/** What those who handed a message in are answered (`packs/messages/replies.yaml`). */

const ReplyShape = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/),
  title: z.string().min(3).max(100),
  text: z
    .string()
    .min(10)
    .max(2_000)
    .refine(
      (text) => !/https?:|www\./i.test(text),
      'holds a link: people are not taught to follow links in mails',
    ),
});
export type Reply = z.infer<typeof ReplyShape>;
const FileShape = z.strictObject({
  format: z.literal('drawbridge.message-replies/1'),
  replies: z.array(ReplyShape).min(1).max(50),
});

/** Reads the replies from their text. `file`: its name in problems. */
export function readReplies(
  file: string,
  text: string,
): { replies: Reply[] } | { problems: PackFileProblem[] } {
  const read = readYaml(file, text, FileShape, ({ replies }, add) => {
    const twice = replies.findIndex(({ id }, at) => replies.findIndex((one) => one.id === id) !== at);
    if (twice >= 0) add(['replies', twice, 'id'], `${replies[twice]?.id} is there twice`);
  });
  return 'problems' in read ? read : { replies: read.value.replies };
}
