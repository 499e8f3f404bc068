import { isObject } from '../../iam/policy-document.js';
import { idPatterns } from '../../model/ids.js';
import type { Tables } from '../../model/records.js';
import type { ServiceCall } from '../../wire/service.js';
import { optionalText, refuseOthers, textsOf } from '../../wire/query-fields.js';
import { invalid, notSimulated } from '../cloudformation-errors.js';

type AccountFilter = 'NONE' | 'INTERSECTION' | 'DIFFERENCE' | 'UNION';

export interface DeploymentTargets {
  readonly given: object;
  readonly organizationalUnitIds: readonly string[];
  readonly filter: AccountFilter;
  readonly accounts: readonly string[];
}

/** `DeploymentTargets` of a service-managed stack set. Throws ValidationError. */
export function deploymentTargetsOf(input: ServiceCall['input'], tables: Tables): DeploymentTargets {
  const given = input['DeploymentTargets'];
  if (input['Accounts'] !== undefined) throw invalid('Accounts cannot be specified for a SERVICE_MANAGED stack set.');
  if (!isObject(given)) throw invalid('DeploymentTargets must be specified for a SERVICE_MANAGED stack set.');
  refuseOthers(given, ['OrganizationalUnitIds', 'Accounts', 'AccountFilterType']);
  const organizationalUnitIds = textsOf(given, 'OrganizationalUnitIds');
  const accounts = textsOf(given, 'Accounts');
  const filter = filterOf(optionalText(given, 'AccountFilterType') ?? 'NONE');
  if (organizationalUnitIds.length === 0) throw invalid('OrganizationalUnitIds are required.');
  for (const id of organizationalUnitIds) {
    if (!idPatterns.parent.test(id) || !(tables.roots.has(id) || tables.organizationalUnits.has(id))) {
      throw invalid(`Organizational unit ${id} does not exist in the organization.`);
    }
  }
  if ((filter === 'NONE') !== (accounts.length === 0)) {
    throw invalid('Accounts and an AccountFilterType other than NONE go together.');
  }
  return { given, organizationalUnitIds, filter, accounts };
}

/** The accounts that are meant, each with the target that brings it in. Never the management account. */
export function accountsIn(targets: DeploymentTargets, tables: Tables, managementAccountId: string): Map<string, string> {
  const { organizationalUnitIds, filter, accounts } = targets;
  const found = new Map<string, string>();
  for (const { id, parentId } of tables.accounts.values()) {
    const target = targetOver(parentId, organizationalUnitIds, tables);
    const named = accounts.includes(id);
    const wanted =
      filter === 'UNION' ? named || target !== undefined : target !== undefined && named === (filter === 'INTERSECTION');
    if (wanted && id !== managementAccountId) found.set(id, target ?? parentId);
  }
  return found;
}

/** The nearest of the targets that holds what is under this parent. */
export function targetOver(parentId: string, targets: readonly string[], tables: Tables): string | undefined {
  let at: string | undefined = parentId;
  while (at !== undefined && !targets.includes(at)) at = tables.organizationalUnits.get(at)?.parentId;
  return at;
}

function filterOf(text: string): AccountFilter {
  if (text === 'NONE' || text === 'INTERSECTION' || text === 'DIFFERENCE' || text === 'UNION') return text;
  throw notSimulated(`the AccountFilterType ${text}`);
}
