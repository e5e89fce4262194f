-- Drops everything that stands in the schema of the run: the tables of the round before, and whatever a strategy's set-up
-- put beside them. What belongs to something else (a table's own sequence, an extension's function) goes or stays with it.
DO $$
DECLARE
  drop_one text;
BEGIN
  FOR drop_one IN
    SELECT format('DROP %s IF EXISTS %s CASCADE', object.type, object.identity)
      FROM pg_depend d, pg_identify_object(d.classid, d.objid, d.objsubid) AS object
     WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = current_schema()::regnamespace
       AND object.type IN ('table', 'view', 'materialized view', 'sequence', 'function', 'procedure', 'aggregate', 'type')
       AND NOT EXISTS (SELECT FROM pg_depend owner
                        WHERE owner.classid = d.classid AND owner.objid = d.objid AND owner.deptype IN ('a', 'i', 'e')
                          -- A partitioned table is said to belong to itself: to the columns that it is divided by.
                          AND (owner.refclassid, owner.refobjid) <> (d.classid, d.objid))
     ORDER BY object.type <> 'table', object.identity
  LOOP
    EXECUTE drop_one;
  END LOOP;
END $$;
