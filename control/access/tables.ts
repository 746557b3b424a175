export type AccessTables = {
  sign_in_link: { hash: Buffer; created_at: Date; expires_at: Date; used_at: Date | null };
  session: {
    hash: Buffer;
    actor_id: string;
    actor_name: string;
    created_at: Date;
    last_seen_at: Date;
    expires_at: Date;
  };
};
