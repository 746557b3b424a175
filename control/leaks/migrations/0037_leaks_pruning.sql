-- Old runs are removed where no place names them, and that is asked of each.
CREATE INDEX leak_place_by_last_run ON leak_place (last_run);
CREATE INDEX leak_place_by_gone_run ON leak_place (gone_run) WHERE gone_run IS NOT NULL;
