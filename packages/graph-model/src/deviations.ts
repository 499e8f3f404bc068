/** A rule of the JupiterOne data model that the graph does not follow, on purpose. */
export interface Deviation {
  /** What the data model says. */
  rule: string;
  ours: string;
  why: string;
}

/**
 * All of them. The mapper's conformance test holds everything that it can emit against the rules: what deviates and stands not here fails,
 * and what stands here and no longer happens fails, too.
 */
export const deviations = {
  'property-names': {
    rule: 'Names of properties match `^(_|tag\\.)?[A-Za-z0-9. -]+$`.',
    ours: '`tag.<key>` and `policyType.<key>` with the key exactly as AWS has it: `tag.team_name`, `tag.aws:createdBy`, `tag.a/b`.',
    why: 'AWS allows every letter of the world and `_ : / = + @` in tag keys. Rewritten, two tags could become one.',
  },
  'tag-values-parsed': {
    rule: 'The SDK turns tag values `true` and `false` into booleans, and digits into numbers.',
    ours: 'Values are text, exactly as AWS has them.',
    why: 'A cost centre `007` would become 7.',
  },
  'tags-overwrite-properties': {
    rule: 'In the SDK a tag named `email`, `owner` or `classification`, in any case, sets the property of that name.',
    ours: 'A tag is a tag: `tag.Email` stands beside `email`.',
    why: 'Whoever may tag an account could change its address in the graph.',
  },
  'name-tag-names': {
    rule: 'In the SDK a tag named `name`, in any case, sets `displayName`.',
    ours: 'It is a tag. `displayName` is the name in AWS Organizations, or the one typed in the configuration.',
    why: 'Likewise.',
  },
  'tag-list': {
    rule: 'In the SDK a tag whose value is empty or `true` adds its key to the list `tags`.',
    ours: 'There is no list `tags`.',
    why: '`tag.<key>` says it already.',
  },
  'active-is-boolean': {
    rule: '`active` is a boolean.',
    ours: '`active` is null where the state of an account is unknown, or new to us.',
    why: 'Unknown is not "not active", and it is not absent by chance either.',
  },
  'display-name-is-property': {
    rule: '`displayName` is a property of every entity and of every relationship.',
    ours: 'It is a column of entities (`display_name`), and a property of accounts only. Relationships have none.',
    why: 'Of a relationship it would always be its class.',
  },
  'relationship-keys': {
    rule: 'The key of a relationship is `<from key>|<class in lower case>|<to key>`.',
    ours: 'That of a delegation goes on with `|<service>`.',
    why: 'One account may be delegated administrator for many services of one organization.',
  },
} as const satisfies Record<string, Deviation>;

export type DeviationId = keyof typeof deviations;
