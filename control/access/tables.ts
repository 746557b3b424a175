/**
 * What a refused sign-in came with: a link that is unknown (never made, or forgotten after its time), used or too old; or a
 * token that is not the command's.
 */
export type RefusedReason = 'link_unknown' | 'link_used' | 'link_expired' | 'command_token';

export type AccessTables = {
  refused_sign_in: { minute: Date; reason: RefusedReason; count: number };
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
