import type { OwnRuleForm } from './organisation.ts';

/** By when a vendor says that it tells of an incident, as the register has it. */
export interface VendorNotice {
  vendor: string;
  /** Whole hours; 0: at once. */
  hours: number;
  source: string;
  /** The day that the statement is of. */
  asOf: string;
  by: string;
}

const LONGEST_ID = 61;
const LONGEST_TEXT = 600;
const MOST_HOURS = 2400;

/**
 * The vendor's duty to tell us, as a clock of the incident: it starts when the vendor knew, and ends with what it sent us. Marked as out
 * of the register; who reads a contract more closely enters a clock of their own.
 */
export function vendorRule({ vendor, hours, source, asOf, by }: VendorNotice): OwnRuleForm {
  const isCounted = hours >= 1 && hours <= MOST_HOURS;
  const cut = (text: string): string => text.slice(0, LONGEST_TEXT);
  return {
    id: `register-notice-${vendor}`.slice(0, LONGEST_ID),
    kind: 'contract',
    clause: cut(`Register: notice time of ${vendor}, by ${source}`),
    title: `${vendor} tells us of its incident`,
    who: 'the vendor',
    starts: { time: 'vendor_aware' },
    due: isCounted
      ? { within: { hours }, counting: { by: 'elapsed' } }
      : { no_number: hours === 0 ? 'at once' : `within ${hours} hours` },
    recipient: 'us',
    content: [],
    as_of: asOf,
    notes: [
      'Out of the register. It is the vendor’s duty to us: a submission here is what the vendor told us.',
      cut(`Stated there by ${by}.`),
    ],
  };
}
