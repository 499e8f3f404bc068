/** Why a record alone can never be applied. Neither field has any content of the record. */
export interface RecordFailure {
  /** `UNPARSABLE`, `CONTRACT_VIOLATION`, `OWNED_BY_ANOTHER_SUBJECT`, or `SQLSTATE_<code>`. */
  code: string;
  message: string;
}

/** The record violates the contract: it can never be applied. */
export class ContractViolation extends Error {
  override readonly name = 'ContractViolation';
  readonly failure: RecordFailure;
  constructor(code: 'UNPARSABLE' | 'CONTRACT_VIOLATION', message: string) {
    super(message);
    this.failure = { code, message };
  }
}

interface PostgresError {
  code?: unknown;
  table?: unknown;
  constraint?: unknown;
  column?: unknown;
}

/** Names the SQLSTATE and what of the schema it concerns: Postgres's own message may quote the record. */
export function failureOfRefusal(error: unknown): RecordFailure {
  const { code, table, constraint, column } = error as PostgresError;
  const state = typeof code === 'string' ? code : 'unknown';
  const where = Object.entries({ table, column, constraint }).flatMap(([what, name]) =>
    typeof name === 'string' ? [`${what} ${name}`] : [],
  );
  return {
    code: `SQLSTATE_${state}`,
    message: `Postgres refused the row with SQLSTATE ${state}${where.length === 0 ? '' : ` (${where.join(', ')})`}.`,
  };
}
