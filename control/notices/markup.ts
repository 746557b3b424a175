/** The little form that notices are written in: `## ` begins a heading, `- ` an item, an empty line ends a paragraph. */

export type Block =
  | { kind: 'heading'; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'list'; items: string[] };

/** Linear in the text. Whatever is no heading and no item is text. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  for (const raw of text.split(/\r\n?|\n/)) {
    const line = raw.trim();
    if (line === '') {
      open = null;
    } else if (line.startsWith('## ')) {
      blocks.push({ kind: 'heading', text: line.slice(3).trim() });
      open = null;
    } else if (line.startsWith('- ')) {
      if (open?.kind !== 'list') {
        open = { kind: 'list', items: [] };
        blocks.push(open);
      }
      open.items.push(line.slice(2).trim());
    } else if (open?.kind === 'text') {
      open.text += `\n${line}`;
    } else {
      open = { kind: 'text', text: line };
      blocks.push(open);
    }
  }
  return blocks;
}

/** What was entered by people, so that none of it is a heading or an item of the notice around it. */
export const asWords = (text: string): string =>
  text
    .split(/\r\n?|\n/)
    .map((line) => line.trim().replace(/^(#+\s|-\s)+/, ''))
    .filter((line) => line !== '')
    .join('\n');

/** As a mail's text. */
export function toPlain(text: string): string {
  const parts = blocksOf(text).map((block) => {
    if (block.kind === 'heading') return `${block.text}\n${'-'.repeat(Math.min(block.text.length, 60))}`;
    return block.kind === 'list' ? block.items.map((item) => `* ${item}`).join('\n') : block.text;
  });
  return `${parts.join('\n\n')}\n`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (mark) => ESCAPES[mark] ?? mark);

/** As a document of its own, without a link, a picture or anything that is fetched. */
export function toHtml(subject: string, text: string, language: string): string {
  const body = blocksOf(text).map((block) => {
    if (block.kind === 'heading') return `<h2>${escapeHtml(block.text)}</h2>`;
    if (block.kind === 'list')
      return `<ul>${block.items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
    return `<p>${escapeHtml(block.text).replaceAll('\n', '<br>')}</p>`;
  });
  return `<!doctype html>
<html lang="${escapeHtml(language)}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body><h1>${escapeHtml(subject)}</h1>
${body.join('\n')}
</body></html>
`;
}
