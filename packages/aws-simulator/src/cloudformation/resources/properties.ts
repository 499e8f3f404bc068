import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../../iam/policy-document.js';
import { invalid } from '../cloudformation-errors.js';

type Members = Readonly<Record<string, unknown>>;

/** The properties of a resource, functions carried out. Numbers and truths are taken for texts, as CloudFormation does. */
export class Properties {
  readonly values: Members;
  readonly #where: string;

  constructor(values: Members, where: string) {
    this.values = values;
    this.#where = where;
  }

  text(name: string): string {
    const value = this.optionalText(name);
    if (value === undefined) throw this.#invalid(`required key [${name}] not found`);
    return value;
  }

  optionalText(name: string): string | undefined {
    const value = this.values[name];
    return value === undefined ? undefined : this.#textOf(value, name);
  }

  /** A list of texts; absent is empty. */
  texts(name: string): string[] {
    return this.#list(name).map((value) => this.#textOf(value, name));
  }

  /** A list of objects, each with its own members only. */
  objects(name: string, known: readonly string[]): Properties[] {
    return this.#list(name).map((value, index) => this.#nested(value, `${name}/${index}`, known));
  }

  optionalObject(name: string, known: readonly string[]): Properties | undefined {
    const value = this.values[name];
    return value === undefined ? undefined : this.#nested(value, name, known);
  }

  /** A document, as text; texts are taken as they are. */
  document(name: string): string {
    const value = this.optionalDocument(name);
    if (value === undefined) throw this.#invalid(`required key [${name}] not found`);
    return value;
  }

  optionalDocument(name: string): string | undefined {
    const value = this.values[name];
    return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
  }

  /** `Tags`, with those of the stack beneath. */
  tags(stackTags: ReadonlyMap<string, string>): Map<string, string> {
    const own = this.objects('Tags', ['Key', 'Value']).map((tag) => [tag.text('Key'), tag.text('Value')] as const);
    return new Map([...stackTags, ...own]);
  }

  /** Whether a property is another than it was. */
  differs(before: Properties, ...names: string[]): boolean {
    return names.some((name) => !isDeepStrictEqual(this.values[name], before.values[name]));
  }

  #list(name: string): unknown[] {
    const value = this.values[name];
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw this.#invalid(`#/${name}: expected type: JSONArray`);
    return value;
  }

  #nested(value: unknown, path: string, known: readonly string[]): Properties {
    if (!isObject(value)) throw this.#invalid(`#/${path}: expected type: JSONObject`);
    const other = Object.keys(value).find((member) => !known.includes(member));
    if (other !== undefined) throw this.#invalid(`#/${path}: extraneous key [${other}] is not permitted`);
    return new Properties(value, this.#where);
  }

  #textOf(value: unknown, name: string): string {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw this.#invalid(`#/${name}: expected type: String`);
  }

  #invalid(message: string) {
    return invalid(`Properties validation failed for resource ${this.#where} with message: ${message}`);
  }
}
