import type { Plain } from "@backend/sst-graph/graph";
import type { ResolvedResource } from "@backend/sst-graph/resolve";

import { objectOf } from "../kit/json";
import { managedPolicy } from "./managed";
import { compilePolicy, type Policies } from "./policy";

/**
 * Returns the compiled inline and managed policies of a role.
 *
 * @param resources all resources of the graph, in which a separate policy may refer to the role
 * @throws Error that names a policy that cannot be evaluated
 */
export function rolePolicies(role: ResolvedResource, resources: readonly ResolvedResource[] = []): Policies {
  const { name, inputs, outputs } = role;
  const inline = list(inputs.inlinePolicies).flatMap((given) => {
    const { name: policyName, policy } = objectOf(given);
    return compileText(`the policy "${policyName}" of role "${name}"`, policy);
  });
  const separate = resources
    .filter((resource) => resource.type === "aws:iam/rolePolicy:RolePolicy")
    .filter((resource) => [inputs.name, outputs.id].includes(String(resource.inputs.role)))
    .flatMap((resource) => compileText(`the policy "${resource.name}" of role "${name}"`, resource.inputs.policy));
  const managed = list(inputs.managedPolicyArns).flatMap((arn) =>
    compilePolicy(`the policy ${arn} of role "${name}"`, managedPolicy(String(arn))),
  );
  return [...inline, ...separate, ...managed];
}

function compileText(source: string, text: Plain | undefined): Policies {
  return compilePolicy(source, parse(source, text));
}

function parse(source: string, text: Plain | undefined): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    throw new Error(`${source}: expected JSON, found ${JSON.stringify(text)}`);
  }
}

function list(value: Plain | undefined): Plain[] {
  return Array.isArray(value) ? value : [];
}
