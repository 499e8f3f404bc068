// What a record may say, the short way and the long way alike.

/** In bytes. A B-tree page takes index entries of up to 2,704 bytes; longer ones fail with 54000, which would look like a sick database. */
export const longestKey = 2048;
/** In bytes. */
export const longestName = 256;
/** In characters. */
export const shortestEntityKey = 10;
