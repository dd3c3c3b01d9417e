/**
 * Rules of AWS's groups that would refuse honest requests of this API, by group. They count instead
 * of block: WAF logs the match and emits a metric, and the request goes on. Headers, paths and
 * query strings stay blocked by the others.
 *
 * WAF ignores an override whose name is misspelt:
 * https://docs.aws.amazon.com/waf/latest/APIReference/API_ManagedRuleGroupStatement.html
 */
export const COUNTED_RULES: Record<string, Record<string, string>> = {
  AWSManagedRulesCommonRuleSet: {
    NoUserAgent_HEADER: "a program need not send User-Agent (RFC 9110, 10.1.5)",
    SizeRestrictions_BODY: "a list of things may be larger than 8 KB",
    EC2MetaDataSSRF_BODY: "a body may quote any address; no function calls an address from a body",
    GenericLFI_BODY: "a body may quote any path; no function reads a file named in a body",
    GenericRFI_BODY: "a body may quote a URL with an IP address; no function calls it",
    CrossSiteScripting_BODY: "a body may quote HTML; the API answers JSON and the console shows text",
  },
  AWSManagedRulesKnownBadInputsRuleSet: {
    JavaDeserializationRCE_BODY: "a body may quote an attack on another system; nothing here runs Java",
    Log4JRCE_BODY: "a body may quote an attack on another system; nothing here runs Java",
    ReactJSRCE_BODY: "a body may quote an attack on another system; nothing here renders React on a server",
  },
  AWSManagedRulesSQLiRuleSet: {
    SQLi_BODY: "a body may quote SQL; no function uses an SQL database",
    SQLiExtendedPatterns_BODY: "a body may quote SQL; no function uses an SQL database",
  },
};

/**
 * How much of a body WAF reads. 64 KB is the most that can be set; more than 16 KB costs extra, for
 * those requests only:
 * https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-setting-body-inspection-limit.html
 */
export const BODY_INSPECTION_LIMIT = "KB_64";

type Rule = aws.types.input.wafv2.WebAclRule;

/** Returns the rules of a web ACL with `COUNTED_RULES` set to count. */
export function countFalsePositives(rules: $util.Unwrap<Rule>[]): $util.Unwrap<Rule>[] {
  return rules.map((rule) => {
    const group = rule.statement?.managedRuleGroupStatement;
    const counted = COUNTED_RULES[group?.name ?? ""];
    if (group === undefined || counted === undefined) return rule;
    const ruleActionOverrides = Object.keys(counted).map((name) => ({ name, actionToUse: { count: {} } }));
    return { ...rule, statement: { managedRuleGroupStatement: { ...group, ruleActionOverrides } } };
  });
}
