import { invalid } from '../../platform/index.ts';
import { checked, type Read } from './account.ts';
import { readAnthropicUsers } from './anthropic.ts';
import { readAwsCredentialReport } from './aws.ts';
import { readEntraAssignments, readEntraRegistration } from './entra.ts';
import { readGitHubMembers } from './github.ts';
import { readGoogleUsers } from './google.ts';
import { readOktaAppUsers, readOktaFactors } from './okta.ts';
import { readOpenAiUsers } from './openai.ts';
import { type Mapping, readTable } from './table.ts';

export type { ImportedAccount } from './account.ts';
export { type Mapping, MappingSchema } from './table.ts';

/** The exports that are understood. `isDirectory`: it tells who is with us, and how they sign in elsewhere. */
export const sources = {
  openai_users: { read: readOpenAiUsers, isDirectory: false },
  anthropic_users: { read: readAnthropicUsers, isDirectory: false },
  entra_registration: { read: readEntraRegistration, isDirectory: true },
  entra_assignments: { read: readEntraAssignments, isDirectory: false },
  google_users: { read: readGoogleUsers, isDirectory: true },
  okta_factors: { read: readOktaFactors, isDirectory: true },
  okta_app_users: { read: readOktaAppUsers, isDirectory: false },
  github_members: { read: readGitHubMembers, isDirectory: false },
  aws_credential_report: { read: readAwsCredentialReport, isDirectory: false },
} as const;

export type Source = keyof typeof sources | 'table';
export const sourceNames = [...(Object.keys(sources) as (keyof typeof sources)[]), 'table'] as const;

/** Reads an export. Throws Problem 422 that says where it is not what it was said to be. */
export function readExport(source: Source, content: string, mapping: Mapping | undefined): Read {
  if (source !== 'table') return checked(sources[source].read(content));
  if (mapping === undefined) throw invalid('mapping', 'a table needs to be told which column says what');
  return checked(readTable(content, mapping));
}
