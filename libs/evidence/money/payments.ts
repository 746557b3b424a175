import { Csv, delimiterOf, headingOf, headLines } from '../csv.ts';
import { EvidenceError } from '../error.ts';
import type { Format, Mapping, Reader, ReadOptions } from '../format.ts';
import { timeOf } from '../time.ts';
import type { Traces } from '../trace.ts';

const PAYEE =
  /^(?:payee|payee name|vendor|vendor name|merchant|merchant name|supplier|supplier name|creditor|creditor name|beneficiary|beneficiary name|paid to|counterparty|counterparty name|empfänger|empfaenger|empfänger ?name|zahlungsempfänger|zahlungsempfaenger|begünstigter|beguenstigter|lieferant|lieferantenname|kreditor|kreditorname|händler|name zahlungsbeteiligter|beguenstigter\/zahlungspflichtiger|begünstigter\/zahlungspflichtiger|auftraggeber\/empfänger|auftraggeber \/ begünstigter|empfänger\/auftraggeber)$/;
/** Columns of bank statements that name whoever is on the other side: of money that comes in, a customer. */
const BOTH_SIDES = /counterparty|zahlungsbeteiligter|zahlungspflichtiger|auftraggeber/;
const AMOUNT =
  /^(?:amount|amount \(?[a-z]{3}\)?|total|total amount|gross|gross amount|net amount|debit|value|betrag|betrag \(?[a-z€]{1,3}\)?|umsatz|bruttobetrag|nettobetrag|brutto|netto|summe|soll|zahlbetrag|rechnungsbetrag)$/;
const DATE =
  /^(?:date|booking date|transaction date|posting date|posted|payment date|invoice date|value date|datum|buchungstag|buchung|buchungsdatum|belegdatum|rechnungsdatum|zahldatum|zahlungsdatum|valuta|valutadatum|wertstellung|wertstellungsdatum)$/;

/**
 * Payments as books, cards and banks export them: CSV with a column of payees, English or German, or mapped. The payee is kept as
 * it is written, with the dates; no amount and no account.
 */
export const payments: Format = {
  id: 'payments',
  name: 'Payments (CSV with payees)',
  fits: (_name, head) => (headLines(head).some((line) => isHeading(headingOf(line))) ? 0.9 : 0),
  reader: (traces, options) => new Payments(traces, options),
};

const isHeading = (names: readonly string[]): boolean =>
  names.some((name) => PAYEE.test(name)) && names.some((name) => AMOUNT.test(name) || DATE.test(name));

/** Bank statements begin with lines about the account. */
function delimiterFor(head: string): string {
  return delimiterOf(headLines(head).find((line) => isHeading(headingOf(line))) ?? head);
}

const HEADING_WITHIN = 20;
/** An IBAN, a card or another long number; a telephone number, which card statements have, is shorter or cut. */
const ACCOUNT = /\b[A-Z]{2}\s?\d{2}(?:[\s-]?[A-Z0-9]{4}){2,7}|\d{9,}|\d{4}(?:[\s-]\d{4}){2,}|[x*•]{4}/i;

class Payments implements Reader {
  readonly #traces: Traces;
  readonly #mapping: Mapping | null;
  readonly #csv: Csv;
  #columns: { payee: number; amount: number; at: number; isBothSides: boolean } | null = null;

  constructor(traces: Traces, { mapping }: ReadOptions) {
    this.#traces = traces;
    if (mapping !== undefined && mapping.payee === undefined) {
      throw new EvidenceError('bad_mapping', 'the mapping does not say which column is the payee', {
        field: 'payee',
      });
    }
    this.#mapping = mapping ?? null;
    this.#csv = new Csv(
      { record: (values, line) => this.#record(values, line) },
      mapping === undefined ? delimiterFor : delimiterOf,
    );
  }

  get lines(): number {
    return this.#csv.lines;
  }

  write(chunk: Uint8Array): void {
    this.#csv.write(chunk);
  }

  end(): void {
    this.#csv.end();
    if (this.#columns === null) this.#noHeading();
  }

  #noHeading(): never {
    throw new EvidenceError(
      'bad_mapping',
      'no heading names a column of payees: say which it is, with a mapping of payee',
      {
        field: 'payee',
      },
    );
  }

  #record(values: readonly string[], line: number): void {
    if (this.#columns === null) {
      this.#heading(values);
      return;
    }
    const { payee: column, amount, at: dated, isBothSides } = this.#columns;
    const payee = (values[column] ?? '').replace(/\s+/g, ' ').trim();
    if (payee === '') {
      this.#traces.skip(line, 'no payee', 'payee');
      return;
    }
    if (ACCOUNT.test(payee)) {
      this.#traces.skip(line, 'the payee looks like the number of an account', 'payee');
      return;
    }
    if (payee.includes('@')) {
      this.#traces.skip(line, 'the payee holds an e-mail address', 'payee');
      return;
    }
    if (isBothSides && amount !== -1 && isIncome(values[amount] ?? '')) return;
    const date = values[dated];
    const at = timeOf(date) ?? shortDate(date);
    if (at === undefined && dated !== -1) this.#traces.skip(line, 'the date is unreadable', 'at');
    this.#traces.saw({
      kind: 'payee',
      value: payee,
      grade: 'observed',
      line,
      ...(at === undefined ? {} : { at }),
    });
  }

  #heading(values: readonly string[]): void {
    const names = values.map((value) => value.trim().toLowerCase());
    if (this.#mapping === null) {
      if (isHeading(names)) {
        const payee = names.findIndex((name) => PAYEE.test(name));
        const amount = names.findIndex((name) => AMOUNT.test(name));
        const at = names.findIndex((name) => DATE.test(name));
        this.#columns = { payee, amount, at, isBothSides: BOTH_SIDES.test(names[payee] ?? '') };
      } else if (this.#csv.count > HEADING_WITHIN) this.#noHeading();
      return;
    }
    const { payee, amount, at } = this.#mapping;
    const find = (field: string, asked: string | undefined): number => {
      const place = asked === undefined ? -1 : names.indexOf(asked.trim().toLowerCase());
      if (place !== -1 || asked === undefined) return place;
      throw new EvidenceError(
        'bad_mapping',
        `the table has no column of the name that is given for ${field}`,
        {
          line: 1,
          field,
        },
      );
    };
    this.#columns = {
      payee: find('payee', payee),
      amount: find('amount', amount),
      at: find('at', at),
      isBothSides: false,
    };
  }
}

const isIncome = (amount: string): boolean =>
  /^\s*\+?\s*(?:€|EUR)?\s*\d/.test(amount) && !/(?:-|S|D)\s*$/.test(amount);

/** `02.11.26`, as German banks write it. */
function shortDate(text: string | undefined): number | undefined {
  const [, day, month, year] = /^\s*(\d{1,2})\.(\d{1,2})\.(\d{2})\s*$/.exec(text ?? '') ?? [];
  return year === undefined ? undefined : timeOf(`${day}.${month}.20${year}`);
}
