export type VaultTables = {
  vault_key: { only_one: boolean; check_value: Buffer; data_key: Buffer; created_at: Date };
  deployment_secret: { use: string; wrapped: Buffer; public_key: Buffer | null; created_at: Date };
  vendor_secret: {
    vendor: string;
    epoch: number;
    wrapped: Buffer | null;
    created_at: Date;
    destroyed_at: Date | null;
  };
};
