import type { Format } from '../format.ts';
import { costReport, messagesUsageReport } from './messages-report.ts';
import { organizationCosts, organizationUsage } from './organization-usage.ts';
import { usageTable } from './table.ts';

/** What vendors counted of our use of them, as they tell it. */
export const usage: readonly Format[] = [
  organizationUsage,
  organizationCosts,
  messagesUsageReport,
  costReport,
  usageTable,
];
