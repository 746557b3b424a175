import type { FactName, Grade } from './sheet.ts';
import type { Language } from './tables.ts';

/** What notices say of themselves, in each language that readers have. */
interface Words {
  notKnown: string;
  /** What stands behind a fact: how sure it is, and whose word. */
  grade(grade: Grade, source: string): string;
  proven: string;
  noRecord: string;
  declared(source: string): string;
  nothingAbsent: string;
  nothingUnknown: string;
  drill: string;
  drillNote: string;
  facts: Readonly<Record<FactName | 'notAffected' | 'unknowns', string>>;
  changed(date: string, parts: readonly string[]): string;
  notChanged(date: string): string;
  noAgreement: string;
  agreement(kind: string, signed: string | null, note: string | null): string;
  noQuestions: string;
  /** Words that claim that somebody or something was not touched. */
  absence: RegExp;
  date(at: Date): string;
}

const AGREEMENTS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    dpa: 'Data processing agreement',
    scc: 'Standard contractual clauses',
    nda: 'Confidentiality agreement',
    msa: 'Main agreement',
    sla: 'Service level agreement',
    baa: 'Business associate agreement',
  },
  de: {
    dpa: 'Vertrag zur Auftragsverarbeitung',
    scc: 'Standardvertragsklauseln',
    nda: 'Vertraulichkeitsvereinbarung',
    msa: 'Hauptvertrag',
    sla: 'Vereinbarung zur Dienstgüte',
    baa: 'Business Associate Agreement',
  },
};

export const languageWords: Readonly<Record<Language, Words>> = {
  en: {
    notKnown: 'Not known yet.',
    grade: (grade, source) =>
      ({
        observed: 'we saw this ourselves',
        declared: `as stated by: ${source}`,
        inferred: 'we conclude this; it is not proven',
        unknown: '',
      })[grade],
    proven: 'Not among what was sent',
    noRecord: 'No record in the traffic that we saw; that is no proof',
    declared: (source) => `Stated as not affected by: ${source}`,
    nothingAbsent: 'There is nothing yet of which we can say so.',
    nothingUnknown: 'Nothing else is known to be open.',
    drill: 'EXERCISE',
    drillNote: 'This is an exercise. Nothing of it happened.',
    facts: {
      what_happened: 'What happened',
      when: 'When it happened',
      aware: 'When and how we learned of it',
      people: 'People',
      records: 'Records',
      data: 'Data',
      consequences: 'Likely consequences',
      measures: 'Measures',
      advice: 'What you can do',
      cause: 'Cause',
      countries: 'Countries',
      lures: 'Messages to expect',
      next_update: 'Next word from us',
      notAffected: 'What was not affected',
      unknowns: 'What is not known',
    },
    changed: (date, parts) => `Since our notice of ${date} this changed: ${parts.join(', ')}.`,
    notChanged: (date) => `Since our notice of ${date} none of the facts changed.`,
    noAgreement: 'No agreement is entered in our register.',
    agreement: (kind, signed, note) =>
      `${AGREEMENTS.en[kind] ?? kind}${signed === null ? '' : `, signed on ${signed}`}${note === null ? '' : `: ${note}`}`,
    noQuestions: 'No questions are noted yet.',
    absence:
      /\b(not (been )?affected|unaffected|no data (was|were|has been)|not (been )?(compromised|exposed|stolen|accessed))\b/i,
    date: (at) => at.toISOString().slice(0, 10),
  },
  de: {
    notKnown: 'Noch nicht bekannt.',
    grade: (grade, source) =>
      ({
        observed: 'das haben wir selbst gesehen',
        declared: `nach Angabe von: ${source}`,
        inferred: 'das schließen wir; bewiesen ist es nicht',
        unknown: '',
      })[grade],
    proven: 'Nicht unter dem, was übermittelt wurde',
    noRecord: 'Kein Eintrag in dem Verkehr, den wir gesehen haben; ein Beweis ist das nicht',
    declared: (source) => `Als nicht betroffen angegeben von: ${source}`,
    nothingAbsent: 'Noch gibt es nichts, von dem wir das sagen können.',
    nothingUnknown: 'Sonst ist nichts bekannt, was offen wäre.',
    drill: 'ÜBUNG',
    drillNote: 'Dies ist eine Übung. Nichts davon ist geschehen.',
    facts: {
      what_happened: 'Was geschehen ist',
      when: 'Wann es geschehen ist',
      aware: 'Wann und wie wir davon erfahren haben',
      people: 'Personen',
      records: 'Datensätze',
      data: 'Daten',
      consequences: 'Wahrscheinliche Folgen',
      measures: 'Maßnahmen',
      advice: 'Was Sie tun können',
      cause: 'Ursache',
      countries: 'Länder',
      lures: 'Welche Nachrichten zu erwarten sind',
      next_update: 'Nächste Nachricht von uns',
      notAffected: 'Was nicht betroffen war',
      unknowns: 'Was nicht bekannt ist',
    },
    changed: (date, parts) => `Seit unserer Mitteilung vom ${date} hat sich geändert: ${parts.join(', ')}.`,
    notChanged: (date) => `Seit unserer Mitteilung vom ${date} hat sich an den Tatsachen nichts geändert.`,
    noAgreement: 'In unserem Register ist kein Vertrag eingetragen.',
    agreement: (kind, signed, note) =>
      `${AGREEMENTS.de[kind] ?? kind}${signed === null ? '' : `, unterzeichnet am ${signed}`}${note === null ? '' : `: ${note}`}`,
    noQuestions: 'Noch sind keine Fragen vermerkt.',
    absence:
      /(nicht betroffen|keine Daten (wurden|sind)|nicht (abgeflossen|gestohlen|kompromittiert|eingesehen))/i,
    date: (at) => at.toISOString().slice(0, 10),
  },
};
