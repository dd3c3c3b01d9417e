import type { Coverage } from "./reasons";

export const IAM: Record<`aws:iam/${string}`, Coverage> = {
  "aws:iam/role:Role": {
    assumeRolePolicy: true, // each function gets its role without a check of the trust policy
    inlinePolicies: true,
    managedPolicyArns: true,
    name: true,
  },
};
