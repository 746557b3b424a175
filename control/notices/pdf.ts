import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { blocksOf } from './markup.ts';
import type { Language } from './tables.ts';

/** Tagged PDF (ISO 14289, PDF/UA-1) of plain text: there is no link, no script and no picture in it. */

/** The library's types know PDF/A alone. */
const UA: string = 'PDF/UA';

const find = createRequire(import.meta.url);
let fonts: Promise<{ regular: Buffer; bold: Buffer }> | null = null;
function loadFonts(): Promise<{ regular: Buffer; bold: Buffer }> {
  fonts ??= Promise.all(
    ['Regular', 'Bold'].map((name) =>
      readFile(find.resolve(`roboto-fontface/fonts/roboto/Roboto-${name}.woff`)),
    ),
  ).then(([regular = Buffer.alloc(0), bold = Buffer.alloc(0)]) => ({ regular, bold }));
  return fonts;
}

export interface Paper {
  subject: string;
  text: string;
  language: Language;
  date: Date;
  /** Small, so that a usual brief has one page. */
  isBrief?: boolean;
}

/** A notice as a document. */
export const noticePdf = (paper: Paper): Promise<Buffer> =>
  pdfOf(
    {
      title: paper.subject,
      language: paper.language,
      date: paper.date,
      size: paper.isBrief === true ? 9 : 10.5,
    },
    (page) => {
      for (const block of blocksOf(paper.text)) {
        if (block.kind === 'heading') page.heading(block.text);
        else if (block.kind === 'list') page.list(block.items);
        else page.paragraph(block.text);
      }
    },
  );

export interface Page {
  heading(text: string): void;
  paragraph(text: string): void;
  list(items: readonly string[]): void;
  /** In a font of figures of one width: ids and hashes. */
  small(text: string): void;
}

interface Document {
  title: string;
  language: Language;
  date: Date;
  size: number;
  attachments?: readonly { name: string; type: string; bytes: Buffer }[];
}

/** Throws what the library throws. Letters that the font lacks show as an empty box. */
export async function pdfOf(
  { title, language, date, size, attachments = [] }: Document,
  write: (page: Page) => Promise<void> | void,
): Promise<Buffer> {
  const { regular, bold } = await loadFonts();
  const { default: PDFDocument } = await import('pdfkit');
  const document = new PDFDocument({
    size: 'A4',
    margins: { top: 56, bottom: 56, left: 62, right: 62 },
    pdfVersion: '1.7',
    subset: UA as NonNullable<PDFKit.PDFDocumentOptions['subset']>,
    tagged: true,
    displayTitle: true,
    lang: language,
    info: { Title: title, Producer: 'Drawbridge', Creator: 'Drawbridge', CreationDate: date, ModDate: date },
  });
  const parts: Buffer[] = [];
  document.on('data', (part: Buffer) => parts.push(part));
  const ended = new Promise<void>((resolve, reject) => document.once('end', resolve).once('error', reject));
  document.registerFont('regular', regular);
  document.registerFont('bold', bold);
  const root = document.struct('Document');
  document.addStructure(root);
  const tagged = (tag: string, draw: () => void): void => {
    root.add(document.struct(tag, {}, draw));
  };
  const shown = (text: string): string =>
    text.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, (mark) => (mark === '\n' ? mark : ' '));
  tagged('H1', () =>
    document
      .font('bold')
      .fontSize(size + 6)
      .text(shown(title))
      .moveDown(0.6),
  );
  await write({
    heading: (text) =>
      tagged('H2', () =>
        document
          .moveDown(0.4)
          .font('bold')
          .fontSize(size + 1)
          .text(shown(text))
          .moveDown(0.2),
      ),
    paragraph: (text) =>
      tagged('P', () =>
        document.font('regular').fontSize(size).text(shown(text), { lineGap: 1.5 }).moveDown(0.5),
      ),
    list(items) {
      const list = document.struct('L');
      root.add(list);
      for (const item of items) {
        list.add(
          document.struct('LI', {}, [
            document.struct('LBody', {}, () =>
              document
                .font('regular')
                .fontSize(size)
                .text(`•  ${shown(item)}`, { indent: 0, lineGap: 1.5 })
                .moveDown(0.2),
            ),
          ]),
        );
      }
      list.end();
      document.moveDown(0.3);
    },
    small: (text) =>
      tagged('P', () =>
        document
          .font('regular')
          .fontSize(size - 2)
          .text(shown(text), { lineGap: 1 })
          .moveDown(0.3),
      ),
  });
  for (const { name, type, bytes } of attachments) {
    document.file(bytes, { name, type, creationDate: date, modifiedDate: date });
  }
  root.end();
  document.end();
  await ended;
  return Buffer.concat(parts);
}
