/** The tables of a schema; of a partitioned one only itself. $1: the schema. */
export const selectTablesSql = `
  SELECT relname AS name FROM pg_class
  WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`;

/** Rows whose text form contains $1. Schema and table come from the catalogue and from tests, never from outside. */
export function countRowsThatNameSql(schema: string, table: string): string {
  return `SELECT count(*)::int AS count FROM "${schema}"."${table}" AS kept WHERE kept::text LIKE '%' || $1 || '%'`;
}
