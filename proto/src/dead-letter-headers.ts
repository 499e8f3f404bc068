/** Header of a dead letter's record whose value was too large to keep: its size in bytes. Such a record cannot be replayed. */
export const valueNotKeptHeader = 'orgtrail-value-not-kept';
