import { expect, it } from '@jest/globals';
import { asksAwsDirectly } from './aws-hosts.js';

const proxy = { HTTPS_PROXY: 'http://proxy.example:3128' };
const everywhere = (url: string) =>
  Object.fromEntries(
    ['STS', 'ORGANIZATIONS', 'RESOURCE_GROUPS_TAGGING_API', 'SQS', 'EVENTBRIDGE', 'CLOUDTRAIL'].map((name) => [
      `AWS_ENDPOINT_URL_${name}`,
      url,
    ]),
  );

it.each([
  ['nothing is said of proxies', {}, true],
  ['a proxy is named alone', proxy, false],
  ['some of its addresses are excepted', { ...proxy, NO_PROXY: 'sts.us-east-1.amazonaws.com' }, false],
  ['its domain is excepted', { ...proxy, NO_PROXY: 'localhost,.amazonaws.com' }, true],
  ['its domain is excepted with a star', { ...proxy, no_proxy: '*.amazonaws.com' }, true],
  ['everything is excepted', { ...proxy, NO_PROXY: '*' }, true],
  ['a domain is excepted that only ends so', { ...proxy, NO_PROXY: '.azonaws.com' }, false],
  ['that of China is excepted there', { ...proxy, AWS_REGION: 'cn-north-1', NO_PROXY: '.amazonaws.com.cn' }, true],
  ['that of China is excepted elsewhere', { ...proxy, NO_PROXY: '.amazonaws.com.cn' }, false],
  ['endpoints of a VPC are excepted', { ...proxy, ...everywhere('https://vpce.example'), NO_PROXY: 'vpce.example:443' }, true],
  ['one endpoint is excepted', { ...proxy, AWS_ENDPOINT_URL_SQS: 'https://vpce.example', NO_PROXY: 'vpce.example' }, false],
] as const)('AWS is asked directly where %s: %#', (_said, environment, directly) => {
  expect(asksAwsDirectly(environment)).toBe(directly);
});
