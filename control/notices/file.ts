import type { FeedLineView, IncidentBook } from '../incidents/index.ts';
import type { Platform, Sealer } from '../platform/index.ts';
import { readBreach } from './breach.ts';
import { languageWords } from './language.ts';
import { rowsOf } from './notices.ts';
import { type Page, pdfOf } from './pdf.ts';
import { openText } from './sealing.ts';
import { countsOf } from './sending.ts';
import { factNames } from './sheet.ts';
import { readSheet, sheetVersions } from './sheets.ts';

/** What the log of changes says of something, with what proves it. */
export interface LoggedChange {
  id: string;
  at: string;
  actor: string;
  act: string;
  reason: string;
  /** Its place in the log; null: it is not in it yet. */
  index: number | null;
  agrees: 'yes' | 'no' | 'unknown';
  payload: string;
  /** Base64. */
  salt: string;
  entry: string | null;
  /** c2sp.org/tlog-proof; null: there is none yet. */
  proof: string | null;
}

export interface FileDeps {
  platform: Platform;
  sealer: () => Promise<Sealer>;
  book: IncidentBook;
  /** Of these subjects (`incident:<id>`), the newest `most` of each. */
  logged(subjects: readonly string[], most: number): Promise<LoggedChange[]>;
}

const MOST_LINES = 20_000;
const MOST_NOTICES = 500;
const MOST_PROOFS = 300;

/** One document for an auditor: facts, decisions, timeline, notices and who got them, with proofs from the log attached. */
export async function incidentFile(deps: FileDeps, incident: string): Promise<Buffer> {
  const { platform, sealer, book } = deps;
  const [whole, breach, sheet, versions, notices, opened] = await Promise.all([
    book.read(incident),
    readBreach(deps, incident),
    readSheet(deps, incident),
    sheetVersions(deps, incident),
    rowsOf(platform.db)
      .selectFrom('notice')
      .selectAll()
      .where('incident', '=', incident)
      .orderBy('number')
      .limit(MOST_NOTICES)
      .execute(),
    sealer(),
  ]);
  const logged = await deps.logged(
    [`incident:${incident}`, ...notices.map(({ id }) => `notice:${id}`)],
    MOST_PROOFS,
  );
  const date = new Date(platform.clock.now());
  const { facts: factNamesIn } = languageWords.en;
  const mark = whole.drill ? 'EXERCISE: ' : '';
  return pdfOf(
    {
      title: `${mark}Incident ${whole.number}: ${whole.title}`,
      language: 'en',
      date,
      size: 9.5,
      attachments: [proofsOf(logged)],
    },
    async (page) => {
      page.paragraph(
        `File of ${date.toISOString()} (UTC). State: ${whole.state}. Severity: ${whole.severity}. Party: ${whole.party?.name ?? 'none'}. Opened ${whole.openedAt} by ${whole.openedBy}. Breached from ${whole.occurredFrom ?? 'unknown'} to ${whole.occurredTo ?? 'unknown'}.`,
      );
      if (whole.drill) page.paragraph(languageWords.en.drillNote);
      page.heading('Register of breaches (GDPR Art. 33(5))');
      page.list([
        `Facts: ${breach.facts || 'not entered'}`,
        `Effects: ${breach.effects || 'not entered'}`,
        `Remedial action: ${breach.remedial || 'not entered'}`,
        `Authority: ${breach.authority.replace('_', ' ')}. ${breach.authorityWhy}`,
        `Persons: ${breach.persons.replace('_', ' ')}. ${breach.personsWhy}`,
      ]);
      page.heading(`Fact sheet, version ${sheet?.version ?? 0}`);
      if (sheet === null) page.paragraph('None was kept.');
      else {
        page.list([
          ...factNames.map((name) => {
            const { text, grade, source } = sheet.sheet.facts[name];
            return `${factNamesIn[name]} [${grade}]: ${text.en || text.de || 'not known'}${source === '' ? '' : ` (${source})`}`;
          }),
          ...sheet.sheet.notAffected.map(
            (one) =>
              `${factNamesIn.notAffected} [${one.basis}]: ${one.label.en || one.label.de} (${one.source})`,
          ),
          ...sheet.sheet.unknowns.map((one) => `${factNamesIn.unknowns}: ${one.en || one.de}`),
        ]);
        page.list(
          versions.map(
            ({ version, madeAt, madeBy, changed }) =>
              `Version ${version}, ${madeAt}, ${madeBy}: ${changed.join(', ') || 'first'}`,
          ),
        );
      }
      page.heading('Claims');
      const standing = (one: (typeof whole.claims)[number]): string =>
        one.withdrawnBy !== null
          ? ' Withdrawn.'
          : one.replacedBy !== null
            ? ` Replaced by line ${one.replacedBy}.`
            : '';
      page.list(
        whole.claims.map(
          (one) =>
            `Line ${one.n}, ${one.about ?? ''} [${one.confidence ?? ''}], learned ${one.happenedAt ?? one.at}: ${one.text} (${one.source ?? 'no source'}).${standing(one)}`,
        ),
      );
      page.heading('Decisions');
      page.list(
        whole.decisions.map((one) => `${one.at}, ${one.by}: ${one.text} Because: ${one.source ?? ''}`),
      );
      page.heading('Notices');
      for (const notice of notices) {
        const counts = await countsOf(platform.db, notice.id);
        const told = Object.entries(counts)
          .filter(([, count]) => count > 0)
          .map(([state, count]) => `${count} ${state.replace('_', ' ')}`);
        page.paragraph(
          `Notice ${notice.number} (${notice.template}, ${notice.language}): ${notice.state}, version ${notice.version}, of fact sheet version ${notice.sheet_version}. Last edited by ${notice.edited_by}, ${notice.edited_at.toISOString()}. ${notice.approved_by === null ? 'Not approved.' : `Approved by ${notice.approved_by}, ${notice.approved_at?.toISOString() ?? ''}.`} ${told.length === 0 ? 'No recipients.' : `Recipients: ${told.join(', ')}.`}`,
        );
        if (notice.approved_hash === null) continue;
        page.small(`SHA-256 of what readers got: ${notice.approved_hash}`);
        const row = await rowsOf(platform.db)
          .selectFrom('notice_text')
          .selectAll()
          .where('notice', '=', notice.id)
          .where('version', '=', notice.version)
          .executeTakeFirst();
        if (row === undefined) continue;
        const { subject, text } = openText(opened, notice.id, notice.version, row.sealed);
        page.small(`${subject}\n${text}`);
      }
      page.heading('Timeline');
      await writeTimeline(page, (cursor) => book.timeline(incident, { limit: 200, cursor }));
      page.heading('The log of changes');
      const proven = logged.filter(({ proof }) => proof !== null).length;
      page.paragraph(
        `${logged.length} changes about this incident and its notices, the newest ${MOST_PROOFS} of each; for ${proven} of them the attached proofs.json holds a proof that the log has them (c2sp.org/tlog-proof). SHA-256 of salt and payload is the commitment in the entry. Drawbridge's documentation says how to verify without it.`,
      );
      page.list(
        logged.map(
          ({ at, actor, act, index, agrees, reason }) =>
            `${at}: ${act} by ${actor}; ${index === null ? 'not in the log yet' : `entry ${index}`}; ${agrees === 'yes' ? 'log and database agree' : agrees === 'no' ? 'LOG AND DATABASE DISAGREE' : 'not compared'}. ${reason}`,
        ),
      );
    },
  );
}

const proofsOf = (logged: readonly LoggedChange[]) => ({
  name: 'proofs.json',
  type: 'application/json',
  bytes: Buffer.from(JSON.stringify({ format: 'drawbridge.incident-proofs/1', changes: logged }, null, 1)),
});

async function writeTimeline(
  page: Page,
  read: (cursor: string | undefined) => Promise<{ items: FeedLineView[]; next: string | null }>,
): Promise<void> {
  const lines: FeedLineView[] = [];
  for (let cursor: string | undefined; lines.length < MOST_LINES; ) {
    const { items, next } = await read(cursor);
    lines.push(...items);
    if (next === null) break;
    cursor = next;
  }
  page.list(
    lines
      .reverse()
      .map(({ n, at, kind, by, text }) => `${n === null ? '' : `${n}. `}${at}, ${kind}, ${by}: ${text}`),
  );
}
