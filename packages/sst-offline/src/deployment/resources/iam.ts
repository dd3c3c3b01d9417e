import type { Coverage } from "./reasons";

export const IAM: Record<`aws:iam/${string}`, Coverage> = {
  "aws:iam/role:Role": {
    assumeRolePolicy: true, // who may take the role on: a function is given it here
    inlinePolicies: true,
    managedPolicyArns: true,
    name: true,
  },
};
