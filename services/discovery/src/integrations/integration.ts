/** One configured organization. Its id is the scope of everything that is read through it. */
export interface Integration {
  /** UUID. */
  id: string;
  /** Typed in the configuration; the management account's display name. */
  name: string;
  /** `o-…` */
  organizationId: string;
  /** `aws`, `aws-us-gov`, `aws-cn`, … */
  partition: string;
  /** 12 digits. */
  managementAccountId: string;
  /** Off: accounts stay in the graph as organization data, and no e-mail address leaves discovery. */
  configureOrganizationAccounts: boolean;
  /** Accounts that forward the organization's events (a delegated administrator's bus), besides the management account. */
  forwardingAccountIds: readonly string[];
}
