// What a record may say, the short way and the long way alike.

/** In bytes. A B-tree page takes index entries of up to 2,704 bytes; longer ones fail with 54000, which would look like a sick database. */
export const longestKey = 2048;
/** In bytes. With 50 tags of maximal length an account has about 80,000; and what the feed says of a record has at most six times its bytes, which the bus has to take. */
export const longestRecord = 160 * 1024;
/** Versions are microseconds since 1970, and what follows from one is one more: the year 9999. */
export const greatestVersion = 253_402_300_800_000_000n;
/** In bytes. */
export const longestName = 256;
/** In characters. */
export const shortestEntityKey = 10;
