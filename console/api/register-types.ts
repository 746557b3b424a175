/** The register of vendors, as the API at /api/v1/register answers. Days are YYYY-MM-DD, times ISO 8601. */
import type { RegisterLineView } from '../../control/register/schemas.ts';

export type {
  AgreementView as Agreement,
  DueAgreementView as DueAgreement,
  DueItemView as DueItem,
  IntakeView as Intake,
  RegisterEntryView as RegisterEntry,
  RegisterLineView as RegisterLine,
  StatementView as Statement,
} from '../../control/register/schemas.ts';

/** A page of the register. `notEntered`: connected and never entered, on the first page. */
export interface RegisterPage {
  items: RegisterLineView[];
  next: string | null;
  counts: Partial<Record<RegisterLineView['status'], number>>;
  notEntered: { id: string; name: string; connections: number }[];
}
