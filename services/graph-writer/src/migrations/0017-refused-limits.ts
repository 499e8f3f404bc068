import type { Migration } from '@orgtrail/database';

export const graphRefusedLimits: Migration = {
  id: 17,
  name: 'refused limits',
  sql: `
-- As before, and also for what is too long for an index or too deep for the stack (class 54).
CREATE OR REPLACE FUNCTION graph.isolate_refused(statement text, first integer, last integer, at timestamptz, wants_details boolean)
RETURNS TABLE (applied json, refused integer, code text, refused_table text, refused_column text, refused_constraint text)
LANGUAGE plpgsql AS $$
DECLARE
  -- What is tried next. Everything before it is done.
  from_row integer := first;
  to_row integer := last;
  -- From from_row to here one is refused, NULL while none is known to be.
  bound integer;
BEGIN
  WHILE from_row <= last LOOP
    refused := NULL; code := NULL; refused_table := NULL; refused_column := NULL; refused_constraint := NULL;
    BEGIN
      EXECUTE statement INTO applied USING from_row, to_row, at, wants_details;
    EXCEPTION WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded THEN
      GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, refused_table = TABLE_NAME, refused_column = COLUMN_NAME,
                              refused_constraint = CONSTRAINT_NAME;
      applied := NULL;
    END;
    IF code IS NOT NULL AND from_row < to_row THEN
      bound := to_row;
    ELSE
      refused := CASE WHEN code IS NOT NULL THEN from_row END;
      RETURN NEXT;
      from_row := to_row + 1;
      -- A row may be refused for one before it that is gone by now: then the bound is passed, and none is.
      IF code IS NOT NULL OR from_row > bound THEN bound := NULL; END IF;
    END IF;
    to_row := CASE WHEN bound IS NULL THEN last ELSE (from_row + bound) / 2 END;
  END LOOP;
END $$;
`,
};
