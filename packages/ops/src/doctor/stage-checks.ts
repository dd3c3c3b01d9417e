import { domainPrefix } from "@backend/platform/domain-prefix";
import { findOrphans } from "../orphans";
import { type Check, finding, ok, type Verdict } from "./check";

/** Checks of what exists in AWS under the names of the stage. */
export const STAGE_CHECKS: Check[] = [
  {
    name: "log group names",
    async run({ account, declared: { app, stage, logGroups } }) {
      const verdicts: Verdict[] = [];
      for (const { name } of logGroups) {
        const found = (await account.logGroups(name)).find((group) => group.name === name);
        if (found === undefined) continue;
        const tags = await account.logGroupTags(found.arn);
        if (tags["sst:app"] === app && tags["sst:stage"] === stage) continue;
        const detail = `${name} exists without the tags of ${app}, stage ${stage}: a deployment would fail on it`;
        verdicts.push(
          finding(
            detail,
            "find out what made it; then delete it, or import it as docs/operating.md says under Adopt what prod kept",
          ),
        );
      }
      return verdicts.length > 0 ? verdicts : [ok(`${logGroups.length} names are free, or this stage's own`)];
    },
  },
  {
    // Names of user pools are not unique: a deployment would make a second, empty pool.
    name: "user pools",
    async run({ account, declared: { apis, stage, userPools } }) {
      const isDeployed = (await Promise.all(apis.map((api) => account.apiStages(api))))
        .flat()
        .some(({ stages }) => stages.some(({ name }) => name === stage));
      const verdicts: Verdict[] = [];
      for (const name of userPools) {
        const ids = await account.userPools(name);
        if (ids.length <= (isDeployed ? 1 : 0)) continue;
        const detail = isDeployed
          ? `${ids.length} user pools are called ${name}: ${ids.join(", ")}; the stage uses one of them`
          : `${name} exists (${ids.join(", ")}), but the stage is not deployed: it would get a new, empty pool`;
        verdicts.push(finding(detail, "import the one with the users: docs/operating.md, Adopt what prod kept"));
      }
      return verdicts.length > 0 ? verdicts : [ok("no pool of the stage's name is left from before")];
    },
  },
  {
    name: "Cognito domain",
    async run({ account, declared: { cognitoDomains, app, stage }, cognitoDomain }) {
      if (cognitoDomains.length === 0 && cognitoDomain === undefined) return [ok("the stage declares none")];
      const { account: own } = await account.identity();
      const prefix = cognitoDomain ?? domainPrefix(app, stage, own);
      const found = await account.cognitoDomain(prefix);
      if (found === undefined) return [ok(`${prefix} is not in use in this account; AWS does not tell of others`)];
      const pool = found.userPoolId ?? "";
      const resources = await account.taggedResources({ "sst:app": app, "sst:stage": stage });
      if (found.account === own && resources.some(({ arn }) => pool !== "" && arn.endsWith(`userpool/${pool}`))) {
        return [ok(`${prefix} belongs to this stage's user pool ${pool}`)];
      }
      const detail = `${prefix} is taken, by user pool ${pool || "unknown"} of account ${found.account ?? "unknown"}`;
      return [finding(detail, "delete that domain, or choose another prefix in infra/components/users.ts")];
    },
  },
  {
    name: "stage throttle",
    async run({ account, declared: { apis, stage } }) {
      const verdicts: Verdict[] = [];
      let deployed = 0;
      for (const api of apis) {
        for (const { apiId, stages } of await account.apiStages(api)) {
          for (const { name, throttles } of stages.filter((candidate) => candidate.name === stage)) {
            deployed++;
            const zero = Object.entries(throttles).filter(
              ([, limit]) => limit.rateLimit === 0 || limit.burstLimit === 0,
            );
            verdicts.push(
              ...zero.map(([route]) =>
                finding(
                  `API ${apiId}, stage ${name}, ${route === "default" ? "every route" : `route ${route}`}: ` +
                    "the limit is 0, so every request gets 429",
                  "set both rate and burst in infra/stage.ts, and deploy",
                ),
              ),
            );
          }
        }
      }
      if (verdicts.length > 0) return verdicts;
      return [ok(deployed === 0 ? "the stage is not deployed: look again after the deployment" : "no limit is 0")];
    },
  },
  {
    name: "tags",
    async run({ account, declared: { app, stage, tags } }) {
      const resources = await account.taggedResources({ "sst:app": app, "sst:stage": stage });
      const wanted = Object.keys(tags);
      const verdicts = resources.flatMap((resource) => {
        const missing = wanted.filter((key) => (resource.tags[key] ?? "") === "");
        if (missing.length === 0) return [];
        return [
          finding(
            `${resource.arn} lacks ${missing.join(", ")}`,
            "deploy again: tags come from tagsOf in infra/stage.ts",
          ),
        ];
      });
      if (verdicts.length > 0) return verdicts;
      return [
        ok(
          resources.length === 0
            ? "nothing is tagged as this stage's: look again after the deployment"
            : `${resources.length} resources carry all ${wanted.length}`,
        ),
      ];
    },
  },
  {
    name: "orphan log groups",
    async run({ account, declared }) {
      const { orphans, spared } = await findOrphans(account, declared, Date.now());
      if (orphans.length + spared.length === 0) return [ok("none")];
      const { stage } = declared;
      const fix = `pnpm ops clean --stage ${stage} lists them; --yes ${stage} deletes them`;
      return [
        ...orphans.map(({ name, why }) => finding(`${name}: ${why}`, fix)),
        ...spared.map(({ name, why }) => ok(`${name} stays: ${why}`)),
      ];
    },
  },
];
