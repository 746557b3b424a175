export type WorkloadTables = {
  workload_trust: {
    id: string;
    app: string;
    name: string;
    issuer: string;
    audience: string;
    subject: string;
    connections: string[];
    minutes: number;
    jwks: unknown;
    private: boolean;
    created_at: Date;
    created_by: string;
    last_used_at: Date | null;
    exchanges: number;
    last_refused_at: Date | null;
    last_refused_why: string | null;
    removed_at: Date | null;
  };
  workload_throttle: { key: Buffer; minute: Date; count: number };
  virtual_key: {
    id: string;
    workload: string | null;
    expires_at: Date | null;
    revoked_at: Date | null;
  };
};
