import { z } from 'zod';

/** CloudFormation takes templates from S3 only, by https. Without a query: the other template is found beside it. */
export const onboardingTemplateUrl = z.url({ protocol: /^https$/ }).refine(
  (text) => {
    if (!URL.canParse(text)) return false;
    const { hostname, search, hash } = new URL(text);
    return /(^|\.)s3([.-][a-z0-9-]+)*\.amazonaws\.com(\.cn)?$/.test(hostname) && search === '' && hash === '';
  },
  {
    error:
      'not the https URL of an object in S3, without a query; a right one is https://bucket.s3.us-east-1.amazonaws.com/orgtrail-management.yaml',
  },
);
