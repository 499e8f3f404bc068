const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/** Kafka's hash of a record key (`Utils.murmur2` of the Java client), as a signed 32-bit number. */
export function murmur2(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = bytes.length >> 2;
  let hash = SEED ^ bytes.length;
  for (let word = 0; word < words; word += 1) {
    let k = Math.imul(view.getInt32(word * 4, true), M);
    k ^= k >>> R;
    hash = Math.imul(hash, M) ^ Math.imul(k, M);
  }
  const rest = bytes.length & 3;
  if (rest > 0) {
    for (let at = rest - 1; at >= 0; at -= 1) hash ^= view.getUint8(words * 4 + at) << (8 * at);
    hash = Math.imul(hash, M);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
}

/** The partition that Kafka's default partitioner gives a key, so that a move from one bus to the other keeps the placement. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
}
