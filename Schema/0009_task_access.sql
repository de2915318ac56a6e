-- The agencies' filter on tasks is no index condition any more. As one, the planner reckoned with ten scans of the ready index where there is one, and on
-- a table that looks empty to ANALYZE and is full of dead rows (everything was done and a transaction holds the horizon) read whole lanes by the key:
-- a pick of 100 cost 1,315 pages in place of 130.
alter policy agency_reads on task using (agency_id + 0 = any (nullif(current_setting('recourse.agencies', true), '')::int[]));
alter policy agency_changes on task using (agency_id + 0 = any (nullif(current_setting('recourse.agencies', true), '')::int[]));
alter policy agency_deletes on task using (agency_id + 0 = any (nullif(current_setting('recourse.agencies', true), '')::int[]));
