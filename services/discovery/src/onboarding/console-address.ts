/** Where the AWS console of a partition is; undefined for partitions whose console we do not know. */
export function consoleAddress({ partition, region }: { partition: string; region: string }): string | undefined {
  switch (partition) {
    case 'aws':
      return `https://${region}.console.aws.amazon.com`;
    case 'aws-us-gov':
      return 'https://console.amazonaws-us-gov.com';
    case 'aws-cn':
      return 'https://console.amazonaws.cn';
    default:
      return undefined;
  }
}
