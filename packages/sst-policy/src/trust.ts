import { roleOfFunction } from "./iam";
import type { Finding, Rule } from "./rule";
import { documentsOf, type Statement, statementsOf } from "./statements";
import { flag, inputOf, type View } from "./view";

const trusting = (view: View) => statementsOf(view, "trust").filter(({ effect }) => effect !== "Deny");

export const TRUST_RULES: Rule[] = [
  {
    id: "trust-lambda-alone",
    severity: "high",
    title: "Only Lambda may assume a function's role",
    reason:
      "SST trusts the account's root in every stage. Any principal of the account that may call " +
      "sts:AssumeRole could then assume the role.",
    fix: "Outside `sst dev`, set the role's assumeRolePolicy so that it trusts only lambda.amazonaws.com.",
    check: (view) =>
      documentsOf(view)
        .filter(({ kind, resource }) => kind === "trust" && roleOfFunction(view, resource) !== undefined)
        .flatMap(({ resource, path, statements = [] }) => {
          const actual = statements.map(({ effect, principals, actions, notPrincipal }) =>
            JSON.stringify([effect, actions, principals.map(({ type, id }) => `${type} ${id}`), notPrincipal]),
          );
          const expected = JSON.stringify(["Allow", ["sts:AssumeRole"], ["Service lambda.amazonaws.com"], false]);
          const isExact = actual.length === 1 && actual[0] === expected;
          return isExact ? [] : [flag(resource, path, "expected sts:AssumeRole only for lambda.amazonaws.com")];
        }),
  },
  {
    id: "trust-not-everyone",
    severity: "critical",
    title: "A role names the services or identity providers that may assume it, never an account or NotPrincipal",
    reason: "If `*` or a whole account may assume a role, every identity there can use its permissions.",
    fix: "Name the service as the principal.",
    mapping: ["CKV_AWS_60", "CKV_AWS_61"],
    check: (view) => [
      ...view
        .all("aws:iam/role:Role")
        .filter((role) => inputOf(role, "assumeRolePolicy") === undefined)
        .map((role) => flag(role, "assumeRolePolicy", "expected a policy that names who may assume the role")),
      ...documentsOf(view)
        .filter(({ kind, statements }) => kind === "trust" && statements?.every(({ effect }) => effect !== "Allow"))
        .map(({ resource, path }) => flag(resource, path, "nobody may assume the role")),
      ...trusting(view).flatMap((one) => [
        ...one.principals
          .filter(
            ({ type, id }) =>
              !((type === "Service" && /^[a-z0-9.-]+\.amazonaws\.com$/.test(id)) || type === "Federated"),
          )
          .map(({ id }) => flag(one.resource, `${one.path}.Principal`, `"${id}" may assume the role`)),
        ...(one.notPrincipal
          ? [flag(one.resource, `${one.path}.NotPrincipal`, "everyone except some may assume the role")]
          : []),
        ...(one.principals.length === 0 ? [flag(one.resource, one.path, "names nobody who may assume the role")] : []),
        ...one.actions
          .filter((action) => !/^sts:(AssumeRole|AssumeRoleWithWebIdentity|TagSession)$/.test(action))
          .map((action) =>
            flag(one.resource, `${one.path}.Action`, `"${action}" is not an action for assuming a role`),
          ),
        ...(one.actions.length === 0 ? [flag(one.resource, one.path, "names no action")] : []),
      ]),
    ],
  },
  {
    id: "trust-source-account",
    severity: "high",
    title: "A role for a service that acts for many accounts is limited to one account",
    reason:
      "EventBridge Scheduler, CloudWatch Logs and SNS act for all accounts. Another account's schedule " +
      "could use the role (confused deputy).",
    fix: "Add the condition StringEquals aws:SourceAccount.",
    check: (view) =>
      trusting(view)
        .filter(({ principals }) =>
          principals.some(({ id }) => /^(scheduler|logs|sns|events|cloudwatch|delivery\.logs)\./.test(id)),
        )
        .filter((one) => !hasExact(one, "aws:SourceAccount", /^\d{12}$|^\$\{/))
        .map((one) => flag(one.resource, `${one.path}.Condition`, "expected StringEquals aws:SourceAccount")),
  },
  {
    id: "trust-oidc-pinned",
    severity: "critical",
    title: "A role for a CI system is limited to one repository, environment and audience",
    reason:
      "Without `sub`, any repository on the CI system can assume the role. Without the environment, any " +
      "branch or pull request can.",
    fix: "Add StringEquals <issuer>:aud sts.amazonaws.com and <issuer>:sub repo:<owner>/<name>:environment:<name>.",
    check: (view) => trusting(view).flatMap(oidcFindings),
  },
  {
    id: "resource-policy-not-public",
    severity: "critical",
    title: "No queue, topic, bucket, key or table is open to everyone, or to a service for any account",
    reason: "A resource policy also applies to callers outside the account.",
    fix: "Name the principal. For a service, add aws:SourceArn or aws:SourceAccount.",
    mapping: ["SNS.4", "SQS.3"],
    check: (view) =>
      statementsOf(view, "resource")
        .filter(({ effect }) => effect !== "Deny")
        .flatMap((one) => {
          const bound = one.conditions.some(
            ({ operator, key, values }) =>
              /^(StringEquals|ArnEquals|ArnLike|StringLike)$/.test(operator) &&
              /^aws:(SourceArn|SourceAccount|SourceOwner|PrincipalOrgID)$/i.test(key) &&
              values.every((value) => value !== "*"),
          );
          const open = one.principals.some(({ type, id }) => id === "*" || type === "Service");
          const findings =
            open && !bound ? ["expected a named principal, or the source that the service acts for"] : [];
          if (one.notPrincipal) findings.push("allows everyone except some");
          return findings.map((message) => flag(one.resource, `${one.path}.Principal`, message));
        }),
  },
];

function hasExact(statement: Statement, key: string, value: RegExp): boolean {
  return statement.conditions.some(
    (one) =>
      ["StringEquals", "StringEqualsIgnoreCase"].includes(one.operator) &&
      one.key.toLowerCase() === key.toLowerCase() &&
      one.values.length > 0 &&
      one.values.every((text) => value.test(text)),
  );
}

function oidcFindings(one: Statement): Finding[] {
  const federated = one.principals.filter(({ type }) => type === "Federated").map(({ id }) => id);
  return federated.flatMap((id) => {
    const issuer = /oidc-provider\/([^$}]+)$/.exec(id)?.[1] ?? "token.actions.githubusercontent.com";
    const audience = hasExact(one, `${issuer}:aud`, /^sts\.amazonaws\.com$/);
    const subject = hasExact(one, `${issuer}:sub`, /^repo:[\w.-]+\/[\w.-]+:environment:[\w.-]+$/);
    return [
      ...(audience
        ? []
        : [flag(one.resource, `${one.path}.Condition`, `expected ${issuer}:aud to be sts.amazonaws.com`)]),
      ...(subject
        ? []
        : [flag(one.resource, `${one.path}.Condition`, `expected ${issuer}:sub to name repository and environment`)]),
    ];
  });
}
