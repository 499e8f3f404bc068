import { proxySettings } from './proxy-environment.js';
import { organizationsRegion, partitionOfRegion } from './partitions.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Each API that is called, as its address and its variable of the AWS SDK name it. */
const services: Readonly<Record<string, string>> = {
  sts: 'STS',
  organizations: 'ORGANIZATIONS',
  tagging: 'RESOURCE_GROUPS_TAGGING_API',
  sqs: 'SQS',
  events: 'EVENTBRIDGE',
  cloudtrail: 'CLOUDTRAIL',
};

/** Whether no call of AWS in our own partition goes through the proxy that the environment names. */
export function asksAwsDirectly(environment: Environment): boolean {
  const { exceptions, https } = proxySettings(environment);
  return https === undefined || awsHosts(environment).every((host) => isException(host, exceptions));
}

/** The hosts of the APIs, in the Region at hand. */
function awsHosts(environment: Environment): string[] {
  const atHand = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const partition = partitionOfRegion(atHand);
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const fips = environment['AWS_USE_FIPS_ENDPOINT'] === 'true' ? '-fips' : '';
  return Object.entries(services).map(([service, name]) => {
    const given = environment[`AWS_ENDPOINT_URL_${name}`] ?? environment['AWS_ENDPOINT_URL'];
    if (given !== undefined && URL.canParse(given)) return new URL(given).hostname;
    return `${service}${fips}.${service === 'sts' ? atHand : organizationsRegion(partition)}.${suffix}`;
  });
}

/** As Node's agents understand NO_PROXY: https://nodejs.org/api/http.html#built-in-proxy-support. Ranges of addresses name no host of AWS. */
function isException(host: string, exceptions: readonly string[]): boolean {
  return exceptions
    .map((exception) => exception.toLowerCase().replace(/:443$/, ''))
    .some((exception) => {
      if (exception === '*' || exception === host) return true;
      if (exception.startsWith('*.')) return host.endsWith(exception.slice(1));
      return exception.startsWith('.') && host.endsWith(exception);
    });
}
