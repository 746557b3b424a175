import type { GatewayAbout } from './gateways.ts';

export type FleetTables = {
  gateway: {
    id: string;
    name: string;
    public_key: Buffer;
    token_hash: Buffer;
    enrolled_at: Date;
    last_seen_at: Date | null;
    snapshot_version: number | null;
    journal_shipped: number | null;
    journal_behind: number | null;
    refused_version: number | null;
    refused_code: string | null;
    refused_field: string | null;
    refused_since: Date | null;
    about: GatewayAbout | null;
  };
  configuration: { only_one: boolean; revision: number };
  published: {
    only_one: boolean;
    version: number;
    revision: number;
    content_hash: string;
    published_at: Date;
  };
};
