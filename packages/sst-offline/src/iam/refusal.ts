export interface Refused {
  accountId: string;
  roleName: string;
  functionName: string;
  action: string;
  resource: string;
  reason: "explicit" | "implicit";
}

/**
 * Returns AWS's message for a denied call.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function refusal({ accountId, roleName, functionName, action, resource, reason }: Refused): string {
  const user = `arn:aws:sts::${accountId}:assumed-role/${roleName}/${functionName}`;
  const why =
    reason === "explicit"
      ? "with an explicit deny in an identity-based policy"
      : `because no identity-based policy allows the ${action} action`;
  return `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
}
