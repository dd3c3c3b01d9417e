import { roleOfFunction } from "./iam";
import type { Finding, Rule } from "./rule";
import { documentsOf, type Statement, statementsOf } from "./statements";
import { found, raw, type View } from "./view";

const trusting = (view: View) => statementsOf(view, "trust").filter(({ effect }) => effect !== "Deny");

export const TRUST_RULES: Rule[] = [
  {
    id: "trust-lambda-alone",
    severity: "high",
    title: "A function's role can be taken by Lambda alone",
    reason:
      "SST trusts the account's root in every stage: any principal of the account that may call sts:AssumeRole could take it.",
    fix: "Set assumeRolePolicy of the role so that it trusts only lambda.amazonaws.com, outside `sst dev`.",
    check: (view) =>
      documentsOf(view)
        .filter(({ kind, resource }) => kind === "trust" && roleOfFunction(view, resource) !== undefined)
        .flatMap(({ resource, path, statements = [] }) => {
          const exact = statements.map(({ effect, principals, actions, notPrincipal }) =>
            JSON.stringify([effect, actions, principals.map(({ type, id }) => `${type} ${id}`), notPrincipal]),
          );
          const wanted = JSON.stringify(["Allow", ["sts:AssumeRole"], ["Service lambda.amazonaws.com"], false]);
          const same = exact.length === 1 && exact[0] === wanted;
          return same
            ? []
            : [found(resource, path, "expected sts:AssumeRole for lambda.amazonaws.com and nobody else")];
        }),
  },
  {
    id: "trust-not-everyone",
    severity: "critical",
    title: "A role names who may take it: services, or a federation; no account, nobody by exception",
    reason: "A role that `*` or a whole account may take has its rights in whatever hands the account has.",
    fix: "Name the service as principal.",
    mapping: ["CKV_AWS_60", "CKV_AWS_61"],
    check: (view) => [
      ...view
        .all("aws:iam/role:Role")
        .filter((role) => raw(role, "assumeRolePolicy") === undefined)
        .map((role) => found(role, "assumeRolePolicy", "expected to be told who may take the role")),
      ...documentsOf(view)
        .filter(({ kind, statements }) => kind === "trust" && statements?.every(({ effect }) => effect !== "Allow"))
        .map(({ resource, path }) => found(resource, path, "nobody may take the role")),
      ...trusting(view).flatMap((one) => [
        ...one.principals
          .filter(
            ({ type, id }) =>
              !((type === "Service" && /^[a-z0-9.-]+\.amazonaws\.com$/.test(id)) || type === "Federated"),
          )
          .map(({ id }) => found(one.resource, `${one.path}.Principal`, `"${id}" may take the role`)),
        ...(one.notPrincipal
          ? [found(one.resource, `${one.path}.NotPrincipal`, "everyone but some may take the role")]
          : []),
        ...(one.principals.length === 0 ? [found(one.resource, one.path, "names nobody who may take the role")] : []),
        ...one.actions
          .filter((action) => !/^sts:(AssumeRole|AssumeRoleWithWebIdentity|TagSession)$/.test(action))
          .map((action) => found(one.resource, `${one.path}.Action`, `"${action}" is no way to take a role`)),
        ...(one.actions.length === 0 ? [found(one.resource, one.path, "names no action")] : []),
      ]),
    ],
  },
  {
    id: "trust-source-account",
    severity: "high",
    title: "A role for a service that acts for many accounts names the account",
    reason:
      "EventBridge Scheduler, CloudWatch Logs and SNS act for everybody: another account's schedule could use the role (confused deputy).",
    fix: "Add the condition StringEquals aws:SourceAccount.",
    check: (view) =>
      trusting(view)
        .filter(({ principals }) =>
          principals.some(({ id }) => /^(scheduler|logs|sns|events|cloudwatch|delivery\.logs)\./.test(id)),
        )
        .filter((one) => !hasExact(one, "aws:SourceAccount", /^\d{12}$|^\$\{/))
        .map((one) => found(one.resource, `${one.path}.Condition`, "expected StringEquals aws:SourceAccount")),
  },
  {
    id: "trust-oidc-pinned",
    severity: "critical",
    title: "A role for a CI system's tokens names repository, environment and audience",
    reason:
      "Without `sub` any repository on the CI system can take the role; without the environment any branch and any pull request.",
    fix: "Add StringEquals <issuer>:aud sts.amazonaws.com and <issuer>:sub repo:<owner>/<name>:environment:<name>.",
    check: (view) => trusting(view).flatMap(oidcFindings),
  },
  {
    id: "resource-policy-not-public",
    severity: "critical",
    title: "No queue, topic, bucket, key or table lets everyone in, and none lets a service in for any account",
    reason: "A resource policy holds for callers outside the account.",
    fix: "Name the principal; for a service add aws:SourceArn or aws:SourceAccount.",
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
          const findings = open && !bound ? ["expected a principal, or the source that a service acts for"] : [];
          if (one.notPrincipal) findings.push("lets everyone in but some");
          return findings.map((message) => found(one.resource, `${one.path}.Principal`, message));
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
        : [found(one.resource, `${one.path}.Condition`, `expected ${issuer}:aud to be sts.amazonaws.com`)]),
      ...(subject
        ? []
        : [found(one.resource, `${one.path}.Condition`, `expected ${issuer}:sub to name repository and environment`)]),
    ];
  });
}
