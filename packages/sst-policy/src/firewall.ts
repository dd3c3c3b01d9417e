import type { Resource, Value } from "@backend/sst-graph/graph";
import { pointsTo } from "./messaging";
import type { Finding, Rule } from "./rule";
import { entriesOf, flag, inputListOf, inputOf, itemsOf, targetOf, type View } from "./view";

const ACL = "aws:wafv2/webAcl:WebAcl";
const ACL_LOG = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
/** https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html */
const MANAGED_RULES = [
  "AWSManagedRulesCommonRuleSet",
  "AWSManagedRulesKnownBadInputsRuleSet",
  "AWSManagedRulesSQLiRuleSet",
];
/** Highest limit for one address in one window. */
const MAX_REQUESTS = 10_000;
/** Windows in seconds over which requests are counted. The default is 300. */
const WINDOWS = [undefined, 60, 120, 300, 600];
const REDACTED = [
  '{"queryString":{}}',
  '{"singleHeader":{"name":"cookie"}}',
  '{"singleHeader":{"name":"authorization"}}',
];

const checkAcls = (check: (view: View, acl: Resource) => Finding[]) => (view: View) =>
  view.all(ACL).flatMap((acl) => check(view, acl));

export const FIREWALL_RULES: Rule[] = [
  {
    id: "firewall-managed-rules",
    severity: "medium",
    title: "A firewall applies AWS's managed rules to every request, and limits the rate of each address",
    reason:
      "An empty firewall lets everything through. So does a rule that only counts, or that sees only some requests.",
    fix: "Set waf.managedRules and waf.rateLimitPerIp on sst.aws.Router.",
    mapping: ["WAF.10"],
    check: checkAcls((_view, acl) => {
      const rules = rulesOf(acl);
      return [
        ...MANAGED_RULES.filter((name) => !rules.some((rule) => isManaged(rule, name) && isInForce(rule))).map((name) =>
          flag(acl, "rules", `expected ${name}, applied to every request`),
        ),
        ...(rules.some(limitsAddresses)
          ? []
          : [flag(acl, "rules", `expected a rate rule that blocks an address after at most ${MAX_REQUESTS} requests`)]),
      ];
    }),
  },
  {
    id: "firewall-not-bypassed",
    severity: "high",
    title: "No rule of a firewall lets requests bypass the others, sees only some of them, or is weakened",
    reason:
      "An allow action ends the evaluation. A scope-down statement or an override exempts requests that the " +
      "list of rules seems to cover.",
    fix: "Remove the rule or override. Only managed rules on bodies or User-Agent may count instead of block.",
    check: checkAcls((_view, acl) => rulesOf(acl).flatMap((rule, at) => findWeakenings(acl, rule, `rules.${at}`))),
  },
  {
    id: "firewall-logging",
    severity: "medium",
    title: "A firewall logs every request, without tokens",
    reason: "No other log contains a blocked request. A filter drops entries that an investigation needs.",
    fix: "Set waf.logging on sst.aws.Router.",
    mapping: ["WAF.11", "CKV2_AWS_31"],
    check: checkAcls((view, acl) => {
      const logs = view.all(ACL_LOG).filter((log) => pointsTo(view, log, "resourceArn", acl));
      if (!logs.some((log) => isComplete(view, log)))
        return [
          flag(acl, "@", "expected a log to a log group of this deployment, without query string and token headers"),
        ];
      return logs
        .filter((log) => inputOf(log, "loggingFilter") !== undefined)
        .map((log) => flag(log, "loggingFilter", "expected no filter: every request must be logged"));
    }),
  },
];

const rulesOf = (acl: Resource): Value[] => inputListOf(acl, "rules");

const at = (value: Value | undefined, ...keys: string[]): Value | undefined =>
  keys.reduce<Value | undefined>((part, key) => entriesOf(part).find(([name]) => name === key)?.[1], value);

const managedGroup = (rule: Value): Value | undefined => at(rule, "statement", "managedRuleGroupStatement");
const rateLimit = (rule: Value): Value | undefined => at(rule, "statement", "rateBasedStatement");

function isManaged(rule: Value, name: string): boolean {
  const group = managedGroup(rule);
  return at(group, "name") === name && at(group, "vendorName") === "AWS";
}

function isInForce(rule: Value): boolean {
  return at(rule, "overrideAction", "none") !== undefined && at(managedGroup(rule), "scopeDownStatement") === undefined;
}

function limitsAddresses(rule: Value): boolean {
  const rate = rateLimit(rule);
  const limit = at(rate, "limit");
  return (
    at(rate, "aggregateKeyType") === "IP" &&
    at(rate, "scopeDownStatement") === undefined &&
    ["block", "challenge", "captcha"].some((action) => at(rule, "action", action) !== undefined) &&
    WINDOWS.includes(at(rate, "evaluationWindowSec") as number | undefined) &&
    typeof limit === "number" &&
    limit > 0 &&
    limit <= MAX_REQUESTS
  );
}

/**
 * Managed rules that would block valid requests of an API: request bodies can contain any text, and
 * programs need not send User-Agent (RFC 9110, 10.1.5).
 */
const MAY_COUNT = /_BODY$|^NoUserAgent_HEADER$/;

function findWeakenings(acl: Resource, rule: Value, path: string): Finding[] {
  const group = managedGroup(rule);
  const overrides = itemsOf(at(group, "ruleActionOverrides")).map((override) => ({
    rule: String(at(override, "name")),
    actions: entriesOf(at(override, "actionToUse")).map(([action]) => action),
  }));
  const weak = overrides.filter(({ rule, actions }) => {
    const isWeak = actions.some((action) => ["count", "allow"].includes(action));
    return isWeak && (actions.includes("allow") || !MAY_COUNT.test(rule));
  });
  const scoped = [group, rateLimit(rule)].some((statement) => at(statement, "scopeDownStatement") !== undefined);
  return [
    ...(at(rule, "action", "allow") === undefined
      ? []
      : [flag(acl, `${path}.action`, "lets requests bypass the other rules")]),
    ...(at(rule, "overrideAction", "count") === undefined ? [] : [flag(acl, `${path}.overrideAction`, "only counts")]),
    ...(scoped ? [flag(acl, `${path}.statement`, "sees only some requests")] : []),
    ...weak.map(({ rule }) => flag(acl, `${path}.statement`, `${rule} does not block`)),
    ...itemsOf(at(group, "excludedRules")).map(() => flag(acl, `${path}.statement`, "excludes rules of the group")),
  ];
}

function isComplete(view: View, log: Resource): boolean {
  const destinations = inputListOf(log, "logDestinationConfigs");
  const redacted = inputListOf(log, "redactedFields").map((field) => JSON.stringify(field));
  return (
    destinations.length > 0 &&
    destinations.every((to) => targetOf(view, to)?.resource.type === LOG_GROUP) &&
    REDACTED.every((field) => redacted.includes(field))
  );
}
