export type CanaryTables = {
  canary: {
    id: string;
    hash: Buffer;
    /** `drawbridge`, or a vendor of the packs. */
    vendor: string;
    form: string;
    place: string;
    owner: string;
    planted_at: Date;
    planted_by: string;
    retired_at: Date | null;
  };
  /** Projection: what the journals hold of uses. */
  canary_use: {
    log: number;
    idx: number;
    crossing: string;
    canary: string;
    at: Date;
    connection: string;
    endpoint: string;
  };
  /** What gateways told at once: with where it came from. */
  canary_source: {
    crossing: string;
    canary: string;
    at: Date;
    address: string | null;
    client: string;
    connection: string;
    endpoint: string;
  };
};
