import { isAlias, isMap, isScalar, isSeq, parseDocument, type Node } from 'yaml';
import { templateFormatError } from '../cloudformation-errors.js';

/**
 * A template's text as plain JSON, short forms of functions (`!Sub x`) written out (`{ 'Fn::Sub': 'x' }`). JSON is read as what it is, everything
 * else as YAML. Throws ValidationError.
 */
export function parseText(text: string): unknown {
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw templateFormatError(`JSON not well-formed. (${String(error)})`);
    }
  }
  const document = parseDocument(text, { version: '1.2', schema: 'core', logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) throw templateFormatError(`YAML not well-formed. (${error.message})`);
  return valueOf(document.contents);
}

function valueOf(node: Node | null): unknown {
  if (node === null) return null;
  // CloudFormation takes neither anchors nor merge keys.
  if (isAlias(node)) throw templateFormatError('YAML aliases are not allowed in CloudFormation templates');
  return withFunction(node.tag, plainValueOf(node));
}

function plainValueOf(node: Node): unknown {
  if (isScalar(node)) return node.value;
  if (isSeq<Node | null>(node)) return node.items.map(valueOf);
  if (isMap<Node, Node | null>(node)) {
    return Object.fromEntries(
      node.items.map(({ key, value }) => [String(isScalar(key) ? key.value : valueOf(key)), valueOf(value)]),
    );
  }
  return null;
}

function withFunction(tag: string | undefined, value: unknown): unknown {
  if (tag === undefined || !tag.startsWith('!') || tag.length === 1) return value;
  const name = tag.slice(1);
  if (name === 'Ref' || name === 'Condition') return { [name]: value };
  if (name === 'GetAtt' && typeof value === 'string') {
    const [resource = '', ...attribute] = value.split('.');
    return { 'Fn::GetAtt': [resource, attribute.join('.')] };
  }
  return { [`Fn::${name}`]: value };
}
