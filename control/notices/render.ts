import { languageWords } from './language.ts';
import { asWords } from './markup.ts';
import { type Absent, type Fact, type FactName, factNames, type Sheet } from './sheet.ts';
import type { Language } from './tables.ts';
import type { Placeholder, Template } from './template.ts';

/** What a notice is made of beside the sheet. */
export interface About {
  organisation: { name: string; contact: string; informationPage: string };
  incident: { number: number; drill: boolean };
  /** What the party is called; null: the incident is about none. */
  party: string | null;
  date: Date;
  /** The notice that this one is the later version of. */
  follows: { date: Date; changed: readonly string[] } | null;
  reader: { name: string; scope: string } | null;
  agreements: readonly { kind: string; signedOn: string | null; note: string | null }[];
  questions: readonly string[];
}

export interface Rendered {
  subject: string;
  text: string;
  /** Facts that are written, but not in this language. */
  untranslated: string[];
}

/** Makes the first text of a notice. What people wrote is put in once, and never looked through for placeholders. */
export function render(template: Template, sheet: Sheet, about: About, language: Language): Rendered {
  const words = languageWords[language];
  const untranslated: string[] = [];
  const valueFor = (name: Placeholder): string => {
    if (name.startsWith('fact.')) return factText(name.slice('fact.'.length) as FactName);
    switch (name) {
      case 'organisation':
        return about.organisation.name;
      case 'contact':
        return about.organisation.contact === '' ? words.notKnown : about.organisation.contact;
      case 'page':
        return about.organisation.informationPage === ''
          ? words.notKnown
          : about.organisation.informationPage;
      case 'party':
        return about.party ?? words.notKnown;
      case 'incident':
        return String(about.incident.number);
      case 'date':
        return words.date(about.date);
      case 'absent':
        return absentText(sheet.notAffected);
      case 'unknowns':
        return unknownText();
      case 'changes':
        return changesText();
      case 'reader':
        return about.reader?.name ?? '';
      case 'scope':
        return about.reader === null ? words.notKnown : asWords(about.reader.scope);
      case 'agreements':
        return about.agreements.length === 0
          ? words.noAgreement
          : about.agreements
              .map(
                ({ kind, signedOn, note }) =>
                  `- ${asWords(words.agreement(kind, signedOn, note)).replaceAll('\n', ' ')}`,
              )
              .join('\n');
      case 'questions':
        return about.questions.length === 0
          ? words.noQuestions
          : about.questions.map((one, at) => `- ${at + 1}. ${asWords(one).replaceAll('\n', ' ')}`).join('\n');
      default:
        return '';
    }
  };
  const inLanguage = (said: Fact['text'], name: string): string => {
    const text = asWords(said[language]);
    if (text === '' && Object.values(said).some((other) => other.trim() !== '')) untranslated.push(name);
    return text;
  };
  function factText(name: FactName): string {
    const { text: said, grade, source } = sheet.facts[name];
    const text = inLanguage(said, words.facts[name]);
    if (grade === 'unknown') return text === '' ? words.notKnown : `${words.notKnown} ${text}`;
    return text === '' ? words.notKnown : `${text} (${words.grade(grade, asWords(source))})`;
  }
  function absentText(absent: readonly Absent[]): string {
    if (absent.length === 0) return words.nothingAbsent;
    const head = (one: Absent): string =>
      one.basis === 'proven'
        ? words.proven
        : one.basis === 'declared'
          ? words.declared(asWords(one.source))
          : words.noRecord;
    const said = absent.map((one) => ({
      head: head(one),
      label: inLanguage(one.label, words.facts.notAffected).replaceAll('\n', ' '),
    }));
    return [...Map.groupBy(said, (one) => one.head)]
      .map(
        ([first, rows]) =>
          `- ${first}: ${rows
            .map(({ label }) => label)
            .filter((one) => one !== '')
            .join(', ')}`,
      )
      .join('\n');
  }
  function unknownText(): string {
    const open = factNames
      .filter((name) => sheet.facts[name].grade === 'unknown')
      .map((name) => words.facts[name]);
    const said = sheet.unknowns
      .map((one) => inLanguage(one, words.facts.unknowns).replaceAll('\n', ' '))
      .filter((one) => one !== '');
    const lines = [...said, ...(open.length === 0 ? [] : [`${words.notKnown} ${open.join(', ')}`])];
    return lines.length === 0 ? words.nothingUnknown : lines.map((line) => `- ${line}`).join('\n');
  }
  function changesText(): string {
    if (about.follows === null) return '';
    const date = words.date(about.follows.date);
    const parts = about.follows.changed.map(
      (name) => words.facts[name as FactName | 'notAffected' | 'unknowns'] ?? name,
    );
    return parts.length === 0 ? words.notChanged(date) : words.changed(date, parts);
  }
  const filled = (text: string): string =>
    text.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => valueFor(name as Placeholder));
  const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
  const version = template[language];
  const subject = oneLine(filled(version.subject)).slice(0, 280);
  const text = filled(version.body)
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
  return {
    subject: about.incident.drill ? `${words.drill}: ${subject}`.slice(0, 300) : subject,
    text: about.incident.drill ? `${words.drill}. ${words.drillNote}\n\n${text}` : text,
    untranslated: [...new Set(untranslated)],
  };
}
