/** `full`: the whole organization. `light`: its accounts and the bulk tag index, and its OUs only where something speaks for it. */
export type SyncKind = 'full' | 'light';
