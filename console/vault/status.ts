import type { VaultStatus } from '../api/trust-types.ts';

/** Two keys wrap the data keys until the old one is let go. */
export const isRotating = ({ keys }: VaultStatus): boolean => keys.length > 1;

export const secretsOf = ({ dataKeys }: VaultStatus): number =>
  dataKeys.reduce((sum, { rows }) => sum + rows, 0);

export const newestKey = ({ keys }: VaultStatus): VaultStatus['keys'][number] | undefined => keys.at(-1);

export const newestDataKey = ({ dataKeys }: VaultStatus): VaultStatus['dataKeys'][number] | undefined =>
  dataKeys.at(-1);
