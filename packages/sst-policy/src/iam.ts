import type { Resource } from "@backend/sst-graph/graph";
import type { Finding, Rule } from "./rule";
import { documentsOf, grantsOf, type Statement, statementsOf } from "./statements";
import { found, isUnknownText, outputText, raw, rawList, targetOf, UNKNOWN_TEXT, unknown, type View } from "./view";

const ROLE = "aws:iam/role:Role";
const FUNCTION = "aws:lambda/function:Function";
const BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

/** Actions that AWS does not narrow to a resource: https://docs.aws.amazon.com/service-authorization/latest/reference/ */
const UNSCOPED = [
  "cloudwatch:PutMetricData",
  "logs:DescribeLogGroups",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
];

/** Ways from a function's rights to anyone's: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html */
const ESCALATING =
  /^(iam:|sts:AssumeRole|lambda:(Update|Create|Add)|organizations:|cloudformation:|kms:(PutKeyPolicy|ScheduleKeyDeletion|CreateGrant))/i;

const allowed = (view: View, ...kinds: Statement["kind"][]) =>
  statementsOf(view, ...kinds).filter(({ effect }) => effect !== "Deny");

export const IAM_RULES: Rule[] = [
  {
    id: "policy-readable",
    severity: "high",
    title: "Every policy document can be read before the deployment",
    reason: "What cannot be read cannot be judged: its effect, actions and principals have to be written down.",
    fix: "State effect, actions and principals as plain text.",
    check: (view) =>
      documentsOf(view).flatMap(({ resource, path, version, statements }) => {
        if (statements === undefined)
          return [unknown(resource, path, "the document is known after the deployment alone")];
        if (version !== "2012-10-17")
          return [found(resource, `${path}.Version`, "expected 2012-10-17: before, variables were plain text")];
        return statements.flatMap((one) => {
          const texts = [one.effect, ...one.actions, ...one.notActions, ...one.principals.map(({ id }) => id)];
          const scope = [...one.resources, ...one.notResources].filter((text) => text.includes(UNKNOWN_TEXT));
          if (!["Allow", "Deny"].includes(one.effect) && !isUnknownText(one.effect))
            return [found(resource, one.path, `the effect "${one.effect}" is neither Allow nor Deny`)];
          const unclear = [...texts.filter((text) => isUnknownText(text) || /\$\{urn:/.test(text)), ...scope];
          return unclear.length > 0
            ? [unknown(resource, one.path, "the statement is known after the deployment alone")]
            : [];
        });
      }),
  },
  {
    id: "no-wildcard-action",
    severity: "critical",
    title: "What a role may do is stated action by action",
    reason: "`dynamodb:*`, which SST's link grants, holds DeleteTable; tomorrow it holds what AWS adds.",
    fix: "List the actions in the function's permissions.",
    mapping: ["IAM.21", "AwsSolutions-IAM5", "CKV_AWS_63"],
    check: (view) =>
      allowed(view, "identity").flatMap(({ resource, path, actions, notActions }) => [
        ...actions
          .filter((action) => !/^[a-z0-9-]+:[A-Za-z0-9]+$/.test(action) && !isUnknownText(action))
          .map((action) => found(resource, `${path}.Action`, `"${action}" is not one action`)),
        ...(notActions.length > 0 ? [found(resource, `${path}.NotAction`, "allows every action but some")] : []),
        ...(actions.length === 0 && notActions.length === 0 ? [found(resource, path, "names no action")] : []),
      ]),
  },
  {
    id: "no-wildcard-resource",
    severity: "high",
    title: "What a role may do, it may do to named resources of the deployment",
    reason: "On `*` an action reaches the tables, queues and logs of every other application in the account.",
    fix: "List the resources' ARNs in the function's permissions.",
    mapping: ["AwsSolutions-IAM5", "CKV_AWS_356"],
    check: (view) =>
      allowed(view, "identity").flatMap(({ resource, path, actions, resources, notResources }) => [
        ...resources
          .filter((text) => !isUnknownText(text) && !(text === "*" && actions.every((one) => UNSCOPED.includes(one))))
          .filter((text) => !isNarrow(view, text))
          .map((text) => found(resource, `${path}.Resource`, `"${text}" is not one resource`)),
        ...(notResources.length > 0 ? [found(resource, `${path}.NotResource`, "allows every resource but some")] : []),
        ...(resources.length === 0 && notResources.length === 0 ? [found(resource, path, "names no resource")] : []),
      ]),
  },
  {
    id: "append-only",
    severity: "critical",
    title: "Nobody may change or delete an item of an append-only table, and one function alone may put",
    reason: "Evidence that a function can rewrite is none. A put overwrites unless its function makes it conditional.",
    fix: "Grant one function PutItem, and all others GetItem, BatchGetItem or Query.",
    check: appendOnly,
  },
  {
    id: "no-privilege-escalation",
    severity: "critical",
    title: "No service's role may change roles, policies, keys or functions",
    reason: "With iam:PassRole or lambda:UpdateFunctionCode whoever takes one function over takes the account over.",
    fix: "Leave such actions to the deployment's role.",
    check: (view) =>
      view
        .all(ROLE)
        .filter((role) =>
          trustOf(view, role).some(({ principals }) => principals.some(({ type }) => type === "Service")),
        )
        .flatMap((role) => grantsOf(view, role))
        .filter(({ effect }) => effect !== "Deny")
        .flatMap(({ resource, path, actions }) =>
          actions
            .filter((one) => ESCALATING.test(one))
            .map((one) => found(resource, `${path}.Action`, `"${one}" leads to more rights`)),
        ),
  },
  {
    id: "managed-policies",
    severity: "high",
    title: "A function's role has AWSLambdaBasicExecutionRole and no other managed policy; other roles have none",
    reason: "A managed policy is written for everybody, on `*`, and AWS changes it.",
    fix: "State the actions in the function's permissions.",
    mapping: ["AwsSolutions-IAM4"],
    check: (view) => [
      ...view.all(ROLE).flatMap((role) => {
        const expected = roleOfFunction(view, role) === undefined ? [] : [BASIC];
        const actual = rawList(role, "managedPolicyArns");
        const same = JSON.stringify(actual) === JSON.stringify(expected);
        const message = `expected ${expected.length === 0 ? "no managed policy" : "AWSLambdaBasicExecutionRole alone"}`;
        return same ? [] : [found(role, "managedPolicyArns", message)];
      }),
      ...view
        .all("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/policyAttachment:PolicyAttachment")
        .filter((one) => targetOf(view, raw(one, "policyArn")) === undefined && raw(one, "policyArn") !== BASIC)
        .map((one) => found(one, "policyArn", "expected a policy of this deployment")),
    ],
  },
  {
    id: "own-log-group-only",
    severity: "high",
    title: "A function can write to its own log group and to no other, and can make none",
    reason:
      "AWSLambdaBasicExecutionRole allows log writes everywhere: a function could forge lines of the access log, and a late write brings a removed group back.",
    fix: "In the function's role deny logs:CreateLogGroup everywhere, and log writes outside the function's own group.",
    check: (view) => view.all(FUNCTION).flatMap((lambda) => denyFindings(view, lambda)),
  },
  {
    id: "no-long-lived-credentials",
    severity: "critical",
    title: "The deployment makes no IAM user and no access key",
    reason: "Keys that do not expire leak; roles do what they are for.",
    fix: "Use a role.",
    check: (view) =>
      view
        .all("aws:iam/user:User", "aws:iam/accessKey:AccessKey", "aws:iam/userPolicy:UserPolicy")
        .map((one) => found(one, "@type", "expected no IAM user and no access key")),
  },
];

function trustOf(view: View, role: Resource): Statement[] {
  return statementsOf(view, "trust").filter(({ resource }) => resource === role);
}

export function roleOfFunction(view: View, role: Resource): Resource | undefined {
  return view.all(FUNCTION).find((lambda) => targetOf(view, raw(lambda, "role"))?.resource === role);
}

/** An output of a resource of the deployment, or an ARN whose service, region, account and name are written out. */
function isNarrow(view: View, text: string): boolean {
  const [, urn, rest = ""] = /^\$\{([^}]+)#arn\}(.*)$/.exec(text) ?? [];
  if (urn !== undefined) return view.get(urn) !== undefined && /^(?:[:/][^*]+)?(?:[:/]\*)?$/.test(rest);
  return /^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d*:[^*]{3,}(?:[:/]\*)?$/.test(text) && !text.includes("${");
}

/** Tables of the deployment that the project lists as append-only. */
export function appendOnlyTables(view: View): Resource[] {
  return (view.promises.appendOnlyTables ?? []).flatMap((name) => tableOf(view, name) ?? []);
}

/** SST names the table of `sst.aws.Dynamo("Orders")` `OrdersTable`. */
function tableOf(view: View, name: string): Resource | undefined {
  return view.all("aws:dynamodb/table:Table").find((table) => table.name === `${name}Table`);
}

function appendOnly(view: View): Finding[] {
  const missing = (view.promises.appendOnlyTables ?? []).filter((name) => tableOf(view, name) === undefined);
  const fix = "Declare the table, or remove it from the project's appendOnlyTables.";
  return [
    ...missing.map((name) => ({ ...found("stage", "resources", `there is no table ${name}`), fix })),
    ...appendOnlyTables(view).flatMap((table) => changesOf(view, table)),
  ];
}

function changesOf(view: View, table: Resource): Finding[] {
  const isTable = (text: string) => isUnknownText(text) || coversTable(view, text, table);
  const grants = allowed(view, "identity", "resource").filter(
    ({ resources, notResources }) => resources.some(isTable) || notResources.length > 0,
  );
  const writing = grants.filter(({ actions }) => actions.some((action) => /^dynamodb:PutItem$/i.test(action)));
  const writers = new Set(writing.map(({ resource }) => resource));
  return [
    ...grants.flatMap(({ resource, path, actions }) =>
      actions
        .filter((action) =>
          /\*|^dynamodb:(?!(PutItem|GetItem|Query|DescribeTable|BatchGetItem|ConditionCheckItem)$)/i.test(action),
        )
        .map((action) => found(resource, `${path}.Action`, `"${action}" may change or delete items of ${table.name}`)),
    ),
    ...(writers.size > 1
      ? writing.map(({ resource, path }) =>
          found(resource, `${path}.Action`, `${writers.size} roles may put items into ${table.name}, which overwrites`),
        )
      : []),
  ];
}

/** True for a reference to the table or a part of it, and for an ARN, with or without wildcards, that fits it. */
function coversTable(view: View, text: string, table: Resource): boolean {
  const own = outputText(table, "arn");
  if (text === own || text.startsWith(`${own}/`) || text.startsWith(`${own}*`)) return true;
  if (text.includes("${")) return false; // another resource's
  const [whole] = text.split(/\/(?:index|stream|backup|export|import)\//);
  const wildcard = (whole ?? "")
    .replaceAll(/[.+^$()|[\]\\{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const arn = `arn:aws:dynamodb:${view.graph.region}:${view.account ?? "000000000000"}:table/${String(table.inputs.name)}`;
  return new RegExp(`^${wildcard}$`).test(arn) || new RegExp(`^${wildcard}$`).test(`${arn}/index/x`);
}

function denyFindings(view: View, lambda: Resource): Finding[] {
  const role = targetOf(view, raw(lambda, "role"))?.resource;
  if (role === undefined) return []; // lambda-own-role tells
  const { region } = view.graph;
  const group = new RegExp(
    `^arn:aws[a-z-]*:logs:${region}:\\d{12}:log-group:/aws/lambda/${String(raw(lambda, "name"))}(:\\*)?$`,
  );
  const denies = grantsOf(view, role).filter(({ effect, conditions }) => effect === "Deny" && conditions.length === 0);
  const made = denies.some(
    ({ actions, resources }) => actions.includes("logs:CreateLogGroup") && resources.includes("*"),
  );
  const foreign = ["logs:CreateLogStream", "logs:PutLogEvents"].filter(
    (action) =>
      !denies.some(
        ({ actions, notResources }) =>
          actions.includes(action) && notResources.length === 2 && notResources.every((text) => group.test(text)),
      ),
  );
  return [
    ...(made ? [] : [found(role, "inlinePolicies", "expected logs:CreateLogGroup to be denied everywhere")]),
    ...foreign.map((action) =>
      found(role, "inlinePolicies", `expected ${action} to be denied outside the function's own group`),
    ),
  ];
}
