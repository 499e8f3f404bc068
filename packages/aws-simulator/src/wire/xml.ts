/** `{ Roles: [{ RoleName: 'a' }] }` becomes `<Roles><member><RoleName>a</RoleName></member></Roles>`; what is undefined is left out. */
export function xml(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((member) => `<member>${xml(member)}</member>`).join('');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, member]: [string, unknown]) => (member === undefined ? '' : `<${name}>${xml(member)}</${name}>`))
      .join('');
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? escaped(value) : '';
}

/** Characters that XML 1.0 cannot carry are left out, as they would make the whole answer unreadable. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#xD;')
    .replace(/[^\P{Cc}\t\n]/gu, '');
}
