/** The register of vendors, as the API at /api/v1/register answers. Days are YYYY-MM-DD, times ISO 8601. */
import type { z } from 'zod';
import type { RulesSchema } from '../../control/register/rules.ts';
import type { RegisterLineView } from '../../control/register/schemas.ts';

export type {
  AgreementView as Agreement,
  DueAgreementView as DueAgreement,
  DueItemView as DueItem,
  IntakeView as Intake,
  RegisterEntryView as RegisterEntry,
  RegisterImportedView as RegisterImported,
  RegisterLineView as RegisterLine,
  StatementView as Statement,
} from '../../control/register/schemas.ts';

/** A page of the register. `notEntered`: connected and never entered, on the first page. */
export interface RegisterPage {
  items: RegisterLineView[];
  next: string | null;
  counts: Partial<Record<RegisterLineView['status'], number | undefined>>;
  notEntered: { id: string; name: string; connections: number }[];
  /** Who owns vendors, on the first page. */
  owners: string[];
}

/** What a tier asks for before a connection may be used. */
export type RegisterRules = z.infer<typeof RulesSchema>;
export type RegisterTier = RegisterRules['tiers'][number];
