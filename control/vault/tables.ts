export type VaultTables = {
  key_encryption_key: { id: number; source: string; label: string; check_value: Buffer; created_at: Date };
  data_key: { version: number; created_at: Date };
  wrapped_data_key: { kek: number; version: number; wrapped: Buffer };
  deployment_secret: { use: string; wrapped: Buffer; public_key: Buffer | null; created_at: Date };
  vendor_secret: {
    vendor: string;
    epoch: number;
    wrapped: Buffer | null;
    created_at: Date;
    destroyed_at: Date | null;
  };
};
