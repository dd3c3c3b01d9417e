import type { Description } from "./description";

export const IAM: Record<`aws:iam/${string}`, Description> = {
  "aws:iam/role:Role": {
    judged: "name namePrefix description path assumeRolePolicy inlinePolicies managedPolicyArns permissionsBoundary",
  },
  "aws:iam/rolePolicy:RolePolicy": { judged: "*" },
  "aws:iam/policy:Policy": { judged: "*" },
  "aws:iam/user:User": { judged: "*" },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": { judged: "*" },
  "aws:iam/policyAttachment:PolicyAttachment": { judged: "*" },
  "aws:iam/userPolicy:UserPolicy": { judged: "*" },
  "aws:iam/groupPolicy:GroupPolicy": { judged: "*" },
  "aws:iam/accessKey:AccessKey": { judged: "*" },
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": {
    unjudged: "the trust policies of roles decide who may use it, and rules check them",
  },
};
