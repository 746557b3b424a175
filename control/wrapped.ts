import { credentialColumn } from './connections/index.ts';
import { usageColumn } from './coverage/index.ts';
import { codeColumns } from './identity/index.ts';
import { adminColumn } from './rotation/index.ts';
import { vaultColumns, type WrappedColumn } from './vault/index.ts';

/** Every column that keeps bytes which the vault wrapped: what is not here stays behind when data keys change. */
export function wrappedColumns(deployment: string): readonly WrappedColumn[] {
  return [...vaultColumns, credentialColumn, adminColumn, usageColumn, ...codeColumns(deployment)];
}
