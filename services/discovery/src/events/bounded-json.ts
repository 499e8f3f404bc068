export type BoundedJson = { kind: 'value'; value: unknown } | { kind: 'refused'; reason: 'not-json' | 'too-deep' };

/** Real records nest about ten levels; what is deeper was made to hurt code that walks it. */
export const maxJsonDepth = 64;

/** Parses JSON of a stranger. The depth is counted in the text, before anything is built or walked. Never throws. */
export function parseBoundedJson(text: string, maxDepth = maxJsonDepth): BoundedJson {
  if (nestsDeeperThan(text, maxDepth)) return { kind: 'refused', reason: 'too-deep' };
  try {
    return { kind: 'value', value: JSON.parse(text) };
  } catch {
    return { kind: 'refused', reason: 'not-json' };
  }
}

function nestsDeeperThan(text: string, maxDepth: number): boolean {
  let depth = 0;
  let insideText = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (insideText) {
      if (character === '\\') index += 1;
      else if (character === '"') insideText = false;
    } else if (character === '"') insideText = true;
    else if (character === '{' || character === '[') {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (character === '}' || character === ']') depth -= 1;
  }
  return false;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
