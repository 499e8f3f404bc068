import { invalid } from './cloudformation-errors.js';
import type { Made } from './resources/resource-type.js';
import type { StackContent } from './stack.js';
import { conditionsOf } from './template/conditions.js';
import type { Scope } from './template/evaluate.js';
import { listItems } from './template/parameters.js';

/** Where a stack is, as the pseudo parameters tell. */
export interface StackPlace {
  readonly id: string;
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
}

type Content = Pick<StackContent, 'template' | 'parameters'>;

/** What the names in a stack's template mean. `madeOf` answers for resources that are there. */
export function stackScope(content: Content, place: StackPlace, madeOf: (logicalId: string) => Made | undefined): Scope {
  const { template, parameters } = content;
  const pseudo = pseudoParametersOf(place);
  const valueOf = (name: string): unknown => {
    const value = parameters.get(name);
    if (value === undefined) return pseudo[name];
    return template.parameters.get(name)?.['Type'] === 'CommaDelimitedList' ? listItems(value) : value;
  };
  return {
    condition: conditionsOf(template.conditions, valueOf),
    ref: (name) => valueOf(name) ?? madeOf(name)?.physicalId,
    attribute: (id, name) => {
      const made = madeOf(id);
      if (made === undefined) throw invalid(`Template error: instance of Fn::GetAtt references undefined resource ${id}`);
      const value = made.attributes[name];
      if (value === undefined)
        throw invalid(`Template error: resource ${id} does not support attribute type ${name} in Fn::GetAtt`);
      return value;
    },
  };
}

/** The resources that a stack is to have, by their conditions. */
export function activeResources({ template }: Content, scope: Scope, order: readonly string[]): string[] {
  return order.filter((id) => {
    const condition = template.resources.get(id)?.condition;
    return condition === undefined || scope.condition(condition);
  });
}

function pseudoParametersOf({ id, name, accountId, region }: StackPlace): Readonly<Record<string, string>> {
  const partition = id.split(':')[1] ?? 'aws';
  return {
    'AWS::AccountId': accountId,
    'AWS::Region': region,
    'AWS::Partition': partition,
    'AWS::StackId': id,
    'AWS::StackName': name,
    'AWS::URLSuffix': partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
  };
}
