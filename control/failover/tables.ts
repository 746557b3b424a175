import type { ColumnType } from 'kysely';

export type FailoverTables = {
  app_route: {
    id: string;
    app: string;
    slug: string;
    route: ColumnType<unknown, string, string>;
    revision: number;
    created_at: Date;
    created_by: string;
    changed_at: Date;
    changed_by: string;
  };
};
