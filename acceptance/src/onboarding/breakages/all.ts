import type { Clinic } from '../clinic.js';
import type { Installation } from '../installation.js';
import type { Breakage } from './breakage.js';
import { breakagesOfRoles } from './of-roles.js';
import { breakagesOfTheEventPath } from './of-the-event-path.js';
import { breakagesOfTheInstallation } from './of-the-installation.js';
import { breakagesOfTheOrganization } from './of-the-organization.js';
import { createOperator } from './operator.js';

/** One for each check of the doctor. */
export function breakagesOf(it: Installation, clinic: Clinic): Breakage[] {
  const operator = createOperator(it, clinic);
  return [
    ...breakagesOfTheInstallation(it, operator),
    ...breakagesOfRoles(it, operator),
    ...breakagesOfTheEventPath(it, operator),
    ...breakagesOfTheOrganization(it, clinic, operator),
  ];
}
