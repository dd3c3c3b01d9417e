import type { Resource } from "@backend/sst-graph/graph";
import { pointsTo } from "./messaging";
import type { Finding, Rule } from "./rule";
import { expectRetained, expectTarget, expectThat, flag, inputOf, type View } from "./view";

const POOL = "aws:cognito/userPool:UserPool";
const DOMAIN = "aws:cognito/userPoolDomain:UserPoolDomain";
const GROUP = "aws:cognito/userGroup:UserGroup";

const checkPools = (check: (view: View, pool: Resource) => Finding[]) => (view: View) =>
  view.all(POOL).flatMap((pool) => check(view, pool));
const checkInProd = (check: (view: View) => Finding[]) => (view: View) => (view.strict ? check(view) : []);

export const COGNITO_RULES: Rule[] = [
  {
    id: "sign-up-closed",
    severity: "high",
    title: "Only administrators create users",
    reason: "SST leaves sign-up open, so anyone on the internet can become a user.",
    fix: "Set adminCreateUserConfig.allowAdminCreateUserOnly with transform.userPool.",
    check: checkPools((view, pool) =>
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
    title: "Users can sign in with an authenticator app; in prod they must",
    reason: "A password alone can be phished. An attacker who takes over a phone number receives its text messages.",
    fix: "Set mfa and softwareToken of the pool.",
    mapping: ["Cognito.5", "AwsSolutions-COG2"],
    check: checkPools((view, pool) => [
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
    title: "Passwords have at least 15 characters of all four kinds; temporary passwords expire within 7 days",
    reason:
      "NIST SP 800-63B-4 asks for this length where a password is the only factor. The other limits are " +
      "Security Hub's.",
    fix: "Set passwordPolicy with transform.userPool.",
    mapping: ["Cognito.3", "AwsSolutions-COG1"],
    check: checkPools((view, pool) => {
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
    title: "Users can recover an account only by a verified email address",
    reason:
      "Recovery by phone gives the account to anyone who takes over the number. An unverified address can " +
      "belong to anyone.",
    fix: "Set accountRecoverySetting and autoVerifiedAttributes with transform.userPool.",
    check: checkPools((view, pool) => [
      ...expectThat(
        view,
        pool,
        "accountRecoverySetting.recoveryMechanisms",
        (list) =>
          Array.isArray(list) &&
          list.length === 1 &&
          ["verified_email", "admin_only"].includes(String((list[0] as Record<string, unknown> | null)?.name)),
        "expected only verified_email or only admin_only",
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
        "expected false, set explicitly: names that differ only in case are the same name",
      ),
      ...expectThat(
        view,
        pool,
        "usernameAttributes",
        (list) => JSON.stringify(list) === '["email"]',
        "expected users to sign in with their email address, so that their ID contains no address",
      ),
    ]),
  },
  {
    id: "user-pool-threat-protection",
    severity: "medium",
    title: "In prod, the user pool blocks suspicious sign-ins",
    reason: "Attackers try leaked passwords by the million. Cognito recognises many of them.",
    fix: "Set advancedSecurityMode to ENFORCED. This needs Cognito's Plus plan, which is billed per active user.",
    mapping: ["Cognito.1", "AwsSolutions-COG8"],
    check: checkInProd(
      checkPools((view, pool) =>
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
    title: "In prod, the user pool has deletion protection",
    reason: "All users are deleted with the pool. The user IDs in records then identify nobody.",
    fix: "Set deletionProtection to ACTIVE with transform.userPool.",
    mapping: ["Cognito.6"],
    check: checkInProd(
      checkPools((view, pool) =>
        expectThat(view, pool, "deletionProtection", (value) => value === "ACTIVE", "expected ACTIVE"),
      ),
    ),
  },
  {
    id: "user-pool-kept",
    severity: "high",
    title: "In prod, the user pool and its groups survive the removal of the stage",
    reason: "Records identify users by their ID in this pool. Its groups show what each user was allowed to do.",
    fix: "Set retainOnDelete on the pool and its groups.",
    check: checkInProd((view) => view.all(POOL, GROUP).flatMap((one) => expectRetained(view, one, "it"))),
  },
  {
    id: "user-pool-domain",
    severity: "low",
    title: "The sign-in page has a domain that Cognito accepts, for this deployment's user pool",
    reason: "Cognito rejects a prefix that contains `aws`, `amazon` or `cognito`, and the deployment stops halfway.",
    fix: "Choose a prefix without these words.",
    check: (view) => [
      ...view
        .all(POOL)
        .filter(
          (pool) => hasClients(view, pool) && !view.all(DOMAIN).some((one) => pointsTo(view, one, "userPoolId", pool)),
        )
        .map((pool) => flag(pool, "@", "expected a domain: without one, its clients get no tokens")),
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
            "expected lower-case letters, digits and hyphens, without aws, amazon or cognito",
          ),
          ...expectTarget(view, domain, "userPoolId", [POOL], "expected a pool of this deployment"),
        ]),
    ],
  },
  {
    id: "groups-of-permissions",
    severity: "medium",
    title: "The project lists every user group, and no group has an IAM role",
    reason:
      "A group decides what a user may do. An extra group, or one in another pool, gives access that nobody " +
      "intended.",
    fix: "Add the group to the project's groups, or remove it.",
    check: (view) => {
      const { groups } = view.promises;
      const names = view
        .all(GROUP)
        .map((group) => view.read(group, "name"))
        .map((name) => name.is === "known" && name.value);
      return [
        ...(groups ?? [])
          .filter((group) => typeof group === "string" && !names.includes(group))
          .map((name) => flag("stage", "resources", `the project lists the group "${name}", which does not exist`)),
        ...view
          .all(GROUP)
          .flatMap((group) => [
            ...expectThat(view, group, "roleArn", (value) => value === undefined, "expected no IAM role"),
            ...expectTarget(view, group, "userPoolId", [POOL], "expected a pool of this deployment"),
            ...expectThat(
              view,
              group,
              "name",
              (name) => groups === undefined || groups.some((group) => matches(group, String(name))),
              "the project does not list this group",
            ),
          ]),
      ];
    },
  },
];

function matches(group: string | RegExp, name: string): boolean {
  return typeof group === "string" ? group === name : group.test(name);
}

function hasClients(view: View, pool: Resource): boolean {
  return view
    .all("aws:cognito/userPoolClient:UserPoolClient")
    .some((client) => pointsTo(view, client, "userPoolId", pool) && inputOf(client, "allowedOauthFlows") !== undefined);
}
