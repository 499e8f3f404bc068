import { describe, expect, it } from '@jest/globals';
import { onboardingTemplateUrl } from './template-url.js';

describe('the address of the template', () => {
  it.each([
    'https://bucket.s3.us-east-1.amazonaws.com/orgtrail-management.yaml',
    'https://bucket.with.dots.s3.amazonaws.com/folder/orgtrail-management.yaml',
    'https://s3-us-gov-west-1.amazonaws.com/bucket/orgtrail-management.yaml',
    'https://bucket.s3.cn-northwest-1.amazonaws.com.cn/orgtrail-management.yaml',
  ])('may be %s', (url) => {
    expect(onboardingTemplateUrl.safeParse(url).success).toBe(true);
  });

  it.each([
    'http://bucket.s3.us-east-1.amazonaws.com/orgtrail-management.yaml',
    'https://example.com/orgtrail-management.yaml',
    'https://s3.amazonaws.com.example.com/orgtrail-management.yaml',
    'https://bucket.s3.us-east-1.amazonaws.com/orgtrail-management.yaml?X-Amz-Signature=secret',
    'orgtrail-management.yaml',
  ])('is refused as %s', (url) => {
    expect(onboardingTemplateUrl.safeParse(url).error?.message ?? '').not.toBe('');
  });
});
