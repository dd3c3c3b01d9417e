import type { Plain } from "@secure-backend/graph/graph";
import type { ResolvedResource } from "@secure-backend/graph/resolve";

import { objectOf } from "../gateway/settings";
import { managedPolicy } from "./managed";
import { compilePolicy, type Policies } from "./policy";

/**
 * What a role may do: its inline and its managed policies. Throws an Error that names what cannot
 * be evaluated.
 */
export function rolePolicies({ name, inputs }: ResolvedResource): Policies {
  const inline = list(inputs.inlinePolicies).flatMap((given) => {
    const { name: policyName, policy } = objectOf(given);
    return compilePolicy(`the policy "${policyName}" of role "${name}"`, JSON.parse(String(policy)));
  });
  const managed = list(inputs.managedPolicyArns).flatMap((arn) =>
    compilePolicy(`the policy ${arn} of role "${name}"`, managedPolicy(String(arn))),
  );
  return [...inline, ...managed];
}

function list(value: Plain | undefined): Plain[] {
  return Array.isArray(value) ? value : [];
}
