export type VendorTables = {
  own_pack: { vendor: string; version: number; is_removed: boolean };
  own_pack_version: {
    vendor: string;
    version: number;
    text: string;
    author: string;
    reason: string;
    created_at: Date;
  };
};
