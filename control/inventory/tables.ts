export type InventoryTables = {
  held_key: {
    id: string;
    source: string;
    external_id: string;
    label: string;
    kind: string;
    owner: string | null;
    place: string | null;
    scopes: string[];
    made_at: Date | null;
    rotated_at: Date | null;
    last_used_at: Date | null;
    tells_use: boolean;
    expires_at: Date | null;
    active: boolean;
    first_listed_at: Date;
    last_listed_at: Date;
    gone_at: Date | null;
  };
  held_key_import: {
    source: string;
    format: string;
    imported_at: Date;
    imported_by: string;
    keys: number;
    refused: number;
  };
};
