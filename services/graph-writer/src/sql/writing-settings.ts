/**
 * Sets, for the rest of the transaction, as columns of a SELECT: with the tables' statistics, which may be of yesterday, Postgres reads whole tables for a
 * few rows; and what the writer writes is no alteration by hand (`graph.forget_content`).
 */
export const writingSettings = `set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
       set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true), set_config('work_mem', '64MB', true), set_config('orgtrail.writes', 'on', true)`;
