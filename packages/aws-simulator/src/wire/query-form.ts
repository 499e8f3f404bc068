/** Members of the query protocol: texts, lists and objects. */
export type QueryValue = string | QueryValue[] | { [member: string]: QueryValue };

interface Node {
  text?: string;
  members?: Map<string, Node>;
}

/**
 * The form of the query protocol as an object: `Tags.member.1.Key=a` becomes `{ Tags: [{ Key: 'a' }] }`. An empty list comes as an empty text
 * (`Tags=`), since nothing tells the two apart. `Action` and `Version` are left out.
 */
export function queryInput(form: string): Record<string, QueryValue> {
  const root: Node = {};
  for (const [name, text] of new URLSearchParams(form)) {
    if (name === 'Action' || name === 'Version') continue;
    let node = root;
    for (const step of name.split('.')) {
      node.members ??= new Map<string, Node>();
      const next = node.members.get(step) ?? {};
      node.members.set(step, next);
      node = next;
    }
    node.text = text;
  }
  const input = valueOf(root);
  return typeof input === 'object' && !Array.isArray(input) ? input : {};
}

function valueOf({ text, members }: Node): QueryValue {
  if (members === undefined) return text ?? '';
  const list = members.size === 1 ? members.get('member') : undefined;
  if (list?.members !== undefined) {
    return [...list.members].sort(([left], [right]) => Number(left) - Number(right)).map(([, member]) => valueOf(member));
  }
  return Object.fromEntries([...members].map(([name, member]) => [name, valueOf(member)]));
}
