/** Partitions and where their Organizations API lives (one region each; the SDK resolves the same). */
const organizationsRegions: Readonly<Record<string, string>> = {
  aws: 'us-east-1',
  'aws-us-gov': 'us-gov-west-1',
  'aws-cn': 'cn-northwest-1',
  'aws-eusc': 'eusc-de-east-1',
  'aws-iso': 'us-iso-east-1',
  'aws-iso-b': 'us-isob-east-1',
};

export function partitionOfRegion(region: string): string {
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('eusc-')) return 'aws-eusc';
  if (region.startsWith('us-isob-')) return 'aws-iso-b';
  if (region.startsWith('us-iso-')) return 'aws-iso';
  return 'aws';
}

/** Undefined where there is no ARN. */
export function partitionOfArn(arn: string | null | undefined): string | undefined {
  return arn?.split(':')[1];
}

export function organizationsRegion(partition: string): string {
  return organizationsRegions[partition] ?? 'us-east-1';
}
