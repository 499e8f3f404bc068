import type { AdvancedFieldSelector, GetEventSelectorsResponse } from '@aws-sdk/client-cloudtrail';

const source = 'organizations.amazonaws.com';

/**
 * Whether a trail's selectors let every write of Organizations through. Conditions on other fields (who called, which name) let only part
 * through, which is not enough.
 */
export function logsWritesOfOrganizations({
  EventSelectors = [],
  AdvancedEventSelectors = [],
}: Pick<GetEventSelectorsResponse, 'EventSelectors' | 'AdvancedEventSelectors'>): boolean {
  // A trail without selectors logs all management events: the default, which AWS spells out in its answers.
  if (EventSelectors.length === 0 && AdvancedEventSelectors.length === 0) return true;
  return (
    EventSelectors.some(
      ({ IncludeManagementEvents = true, ReadWriteType = 'All', ExcludeManagementEventSources = [] }) =>
        IncludeManagementEvents && ReadWriteType !== 'ReadOnly' && !ExcludeManagementEventSources.includes(source),
    ) ||
    AdvancedEventSelectors.some(
      ({ FieldSelectors = [] }) =>
        FieldSelectors.some(({ Field, Equals }) => Field === 'eventCategory' && Equals?.includes('Management')) &&
        FieldSelectors.every(letsWritesThrough),
    )
  );
}

function letsWritesThrough(selector: AdvancedFieldSelector): boolean {
  switch (selector.Field) {
    case 'eventCategory':
      return letsThrough(selector, 'Management');
    case 'readOnly':
      return letsThrough(selector, 'false');
    case 'eventSource':
      return letsThrough(selector, source);
    default:
      return false;
  }
}

/** Values of one operator are alternatives; of a negated one, none may hold. Several operators of one selector must all hold. */
function letsThrough(selector: AdvancedFieldSelector, value: string): boolean {
  const { Equals, StartsWith, EndsWith, NotEquals = [], NotStartsWith = [], NotEndsWith = [] } = selector;
  return (
    (Equals?.includes(value) ?? true) &&
    (StartsWith?.some((start) => value.startsWith(start)) ?? true) &&
    (EndsWith?.some((end) => value.endsWith(end)) ?? true) &&
    !NotEquals.includes(value) &&
    !NotStartsWith.some((start) => value.startsWith(start)) &&
    !NotEndsWith.some((end) => value.endsWith(end))
  );
}
