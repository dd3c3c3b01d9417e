import type { Resource } from "@backend/sst-graph/graph";
import { pointsTo } from "./messaging";
import type { Finding, Rule } from "./rule";
import { expectKept, expectTarget, expectThat, found, raw, type View } from "./view";

const POOL = "aws:cognito/userPool:UserPool";
const DOMAIN = "aws:cognito/userPoolDomain:UserPoolDomain";
const GROUP = "aws:cognito/userGroup:UserGroup";

const ofPools = (check: (view: View, pool: Resource) => Finding[]) => (view: View) =>
  view.all(POOL).flatMap((pool) => check(view, pool));
const inProd = (check: (view: View) => Finding[]) => (view: View) => (view.strict ? check(view) : []);

export const COGNITO_RULES: Rule[] = [
  {
    id: "sign-up-closed",
    severity: "high",
    title: "Users are made by administrators alone",
    reason: "SST leaves sign-up open: anyone on the internet may become a user.",
    fix: "Set adminCreateUserConfig.allowAdminCreateUserOnly by transform.userPool.",
    check: ofPools((view, pool) =>
      expectThat(
        view,
        pool,
        "adminCreateUserConfig.allowAdminCreateUserOnly",
        (value) => value === true,
        "expected sign-up to be closed",
      ),
    ),
  },
  {
    id: "user-pool-mfa",
    severity: "high",
    title: "Users may prove who they are by an authenticator app, in prod they must",
    reason: "A password alone is phished. A text message can be had by whoever takes the number over.",
    fix: "Set mfa and softwareToken of the pool.",
    mapping: ["Cognito.5", "AwsSolutions-COG2"],
    check: ofPools((view, pool) => [
      ...expectThat(
        view,
        pool,
        "mfaConfiguration",
        (value) => value === "ON" || (!view.strict && value === "OPTIONAL"),
        `expected ON${view.strict ? "" : " or OPTIONAL"}`,
      ),
      ...expectThat(view, pool, "softwareTokenMfaConfiguration.enabled", (value) => value === true, "expected TOTP"),
      ...expectThat(view, pool, "smsConfiguration", (value) => value === undefined, "expected no text messages"),
    ]),
  },
  {
    id: "user-pool-password",
    severity: "medium",
    title: "A password has 15 characters of all four kinds, a temporary one holds for 7 days at most",
    reason: "The length is NIST SP 800-63B-4's for a password that stands alone, the rest Security Hub's.",
    fix: "Set passwordPolicy by transform.userPool.",
    mapping: ["Cognito.3", "AwsSolutions-COG1"],
    check: ofPools((view, pool) => {
      const expected = (name: string, test: (value: unknown) => boolean, message: string) =>
        expectThat(view, pool, `passwordPolicy.${name}`, test, message);
      const between = (least: number, most: number) => (value: unknown) =>
        Number(value) >= least && Number(value) <= most;
      const kinds = ["requireLowercase", "requireUppercase", "requireNumbers", "requireSymbols"];
      return [
        ...expected("minimumLength", between(15, 99), "expected 15 to 99"),
        ...kinds.flatMap((kind) => expected(kind, (value) => value === true, "expected true")),
        ...expected("temporaryPasswordValidityDays", between(1, 7), "expected 1 to 7 days"),
      ];
    }),
  },
  {
    id: "user-pool-recovery",
    severity: "medium",
    title: "An account is recovered by a verified email address alone",
    reason:
      "Recovery by telephone hands the account to whoever takes the number over; by an unverified address to whoever names one.",
    fix: "Set accountRecoverySetting and autoVerifiedAttributes by transform.userPool.",
    check: ofPools((view, pool) => [
      ...expectThat(
        view,
        pool,
        "accountRecoverySetting.recoveryMechanisms",
        (list) =>
          Array.isArray(list) &&
          list.length === 1 &&
          ["verified_email", "admin_only"].includes(String((list[0] as Record<string, unknown> | null)?.name)),
        "expected verified_email or admin_only, and nothing else",
      ),
      ...expectThat(
        view,
        pool,
        "autoVerifiedAttributes",
        (list) => JSON.stringify(list) === '["email"]',
        "expected the email address to be verified",
      ),
      ...expectThat(
        view,
        pool,
        "usernameConfiguration.caseSensitive",
        (value) => value === false,
        "expected false, stated: names that differ in case alone are one",
      ),
      ...expectThat(
        view,
        pool,
        "usernameAttributes",
        (list) => JSON.stringify(list) === '["email"]',
        "expected people to sign in with their email address: Cognito's id is then nobody's address",
      ),
    ]),
  },
  {
    id: "user-pool-threat-protection",
    severity: "medium",
    title: "prod's user pool refuses sign-ins that look like somebody else's",
    reason: "Leaked passwords are tried by the million; Cognito knows many of them.",
    fix: "Set advancedSecurityMode to ENFORCED (the pool's plan becomes Plus, which is paid for each active user).",
    mapping: ["Cognito.1", "AwsSolutions-COG8"],
    check: inProd(
      ofPools((view, pool) =>
        expectThat(
          view,
          pool,
          "userPoolAddOns.advancedSecurityMode",
          (mode) => mode === "ENFORCED",
          "expected ENFORCED",
        ),
      ),
    ),
  },
  {
    id: "user-pool-deletion-protection",
    severity: "medium",
    title: "prod's user pool refuses to be deleted",
    reason: "With the pool go all users; their ids in records then name nobody.",
    fix: "Set deletionProtection to ACTIVE by transform.userPool.",
    mapping: ["Cognito.6"],
    check: inProd(
      ofPools((view, pool) =>
        expectThat(view, pool, "deletionProtection", (value) => value === "ACTIVE", "expected ACTIVE"),
      ),
    ),
  },
  {
    id: "user-pool-kept",
    severity: "high",
    title: "prod's user pool and its groups outlive the stage",
    reason: "Records name users by their id in this pool; its groups say what they might do.",
    fix: "Set retainOnDelete on the pool and its groups.",
    check: inProd((view) => view.all(POOL, GROUP).flatMap((one) => expectKept(view, one, "it"))),
  },
  {
    id: "user-pool-domain",
    severity: "low",
    title: "The sign-in page's domain is one that Cognito takes, of this deployment's pool",
    reason: "Cognito refuses a prefix with `aws`, `amazon` or `cognito` in it, and the deployment stops half way.",
    fix: "Choose a prefix without these words.",
    check: (view) => [
      ...view
        .all(POOL)
        .filter(
          (pool) => hasClients(view, pool) && !view.all(DOMAIN).some((one) => pointsTo(view, one, "userPoolId", pool)),
        )
        .map((pool) => found(pool, "@", "expected a domain: without one its clients get no token")),
      ...view
        .all(DOMAIN)
        .flatMap((domain) => [
          ...expectThat(
            view,
            domain,
            "domain",
            (name) =>
              typeof name === "string" &&
              /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(String(name)) &&
              !/aws|amazon|cognito/.test(String(name)),
            "expected letters, digits and hyphens, without aws, amazon and cognito",
          ),
          ...expectTarget(view, domain, "userPoolId", [POOL], "expected a pool of this deployment"),
        ]),
    ],
  },
  {
    id: "groups-of-permissions",
    severity: "medium",
    title: "Groups of people are those that the project lists; none carries a role of IAM",
    reason:
      "A group says what a person may do: one more, or one of another pool, is a right that nobody meant to give.",
    fix: "Add the group to the project's groups, or remove it.",
    check: (view) => {
      const { groups } = view.promises;
      const names = view
        .all(GROUP)
        .map((group) => view.read(group, "name"))
        .map((name) => name.is === "known" && name.value);
      return [
        ...(groups ?? [])
          .filter((known) => typeof known === "string" && !names.includes(known))
          .map((name) => found("stage", "resources", `the project lists the group "${name}", which does not exist`)),
        ...view
          .all(GROUP)
          .flatMap((group) => [
            ...expectThat(view, group, "roleArn", (value) => value === undefined, "expected no role of IAM"),
            ...expectTarget(view, group, "userPoolId", [POOL], "expected a pool of this deployment"),
            ...expectThat(
              view,
              group,
              "name",
              (name) => groups === undefined || groups.some((known) => fits(known, String(name))),
              "the project does not list this group",
            ),
          ]),
      ];
    },
  },
];

function fits(known: string | RegExp, name: string): boolean {
  return typeof known === "string" ? known === name : known.test(name);
}

function hasClients(view: View, pool: Resource): boolean {
  return view
    .all("aws:cognito/userPoolClient:UserPoolClient")
    .some((client) => pointsTo(view, client, "userPoolId", pool) && raw(client, "allowedOauthFlows") !== undefined);
}
