import { credentialColumn } from './connections/index.ts';
import { vaultColumns, type WrappedColumn } from './vault/index.ts';

/** Every column that keeps bytes which the vault wrapped: what is not here stays behind when data keys change. */
export const wrappedColumns: readonly WrappedColumn[] = [...vaultColumns, credentialColumn];
