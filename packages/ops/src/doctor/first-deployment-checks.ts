import { readOriginSecret } from "@backend/platform/access/origin-secret";

import { type Check, type CheckContext, finding, ok, type Verdict } from "./check";

/** What stops a first deployment, or makes it one that nobody hears of. */
export const FIRST_DEPLOYMENT_CHECKS: Check[] = [
  {
    name: "CloudFront",
    async run({ account, declared: { hasDistribution } }) {
      if (!hasDistribution) return [ok("the stage declares no distribution")];
      const count = await account.distributionCount();
      if (count > 0) return [ok(`the account has ${count} distributions, so it may have some`)];
      const detail = "the account has no distribution: whether AWS lets it have one shows at the first deployment only";
      const fix = "if it is refused (Your account must be verified), ask AWS Support: docs/ci-cd.md, Setting it up";
      return [{ verdict: "unchecked", detail, fix }];
    },
  },
  {
    name: "API routes",
    async run({ account, declared: { routes } }) {
      const quota = await account.quota("apigateway", ROUTES_PER_API);
      if (quota === undefined) return [{ verdict: "unchecked", detail: "Service Quotas does not know the quota" }];
      const detail = `${routes} of ${quota} routes`;
      if (routes <= quota) return [ok(detail)];
      return [finding(`${detail} of an API`, "ask for more in Service Quotas (API Gateway, routes per API)")];
    },
  },
  {
    name: "function names",
    async run({ account, declared }) {
      const names = declared.functions.map(({ name }) => name);
      return await takenNames("function", names, await account.functionNames(), account, declared);
    },
  },
  {
    name: "table names",
    async run({ account, declared }) {
      return await takenNames("table", declared.tables, await account.tableNames(), account, declared);
    },
  },
  {
    name: "secrets",
    async run({ account, declared: { app, stage, secrets, headerSecrets } }) {
      if (secrets.length === 0) return [ok("the stage declares none")];
      const stored = await account.secrets(app, stage);
      const set = (name: string) =>
        `npx --yes pnpm@12 exec sst secret set ${name} "$(openssl rand -hex 32)" --stage ${stage}`;
      if (stored === undefined) {
        const detail = "SST has made no buckets in this account and region: none is set";
        return [finding(detail, headerSecrets.map(set).join("; ") || "set them with sst secret set")];
      }
      const verdicts: Verdict[] = [];
      for (const name of headerSecrets) {
        if (stored[name] === undefined)
          verdicts.push(finding(`${name} is not set: the deployment would stop`, set(name)));
        else verdicts.push(...faultOf(name, stored[name], set(name)));
      }
      if (verdicts.length > 0) return verdicts;
      const unset = secrets.filter((name) => stored[name] === undefined);
      const rest = unset.length === 0 ? "" : `; not set, and needed only without a placeholder: ${unset.join(", ")}`;
      return [ok(`${secrets.filter((name) => !unset.includes(name)).join(", ")} set${rest}`)];
    },
  },
  {
    name: "alarm recipients",
    async run({ account, declared: { topics, protect, region, stage } }) {
      const { account: number } = await account.identity();
      const verdicts: Verdict[] = [];
      const recipients = topics.flatMap((topic) => topic.recipients);
      if (recipients.length === 0) {
        if (topics.length === 0 || !protect) return [ok("the stage declares none")];
        const detail = `stage ${stage} declares none: nobody hears of an alarm`;
        return [finding(detail, "name them under alarms.recipients of infra/stage.ts, and deploy")];
      }
      for (const topic of topics.filter((candidate) => candidate.recipients.length > 0)) {
        const subscriptions = await account.subscriptions(`arn:aws:sns:${region}:${number}:${topic.name}`);
        if (subscriptions === undefined) {
          verdicts.push(ok(`${topic.name} is made by the deployment: look again after it`));
          continue;
        }
        for (const endpoint of topic.recipients) {
          const own = subscriptions.filter((subscription) => subscription.endpoint === endpoint);
          if (own.some(({ isConfirmed }) => isConfirmed)) continue;
          const [what, fix] =
            own.length > 0
              ? ["has not confirmed", "follow the link in SNS's mail; it is good for two days"]
              : ["is not subscribed", `deploy again: sst refresh, then sst deploy --stage ${stage}`];
          verdicts.push(finding(`${endpoint} ${what}: no alarm reaches that address`, fix));
        }
      }
      return verdicts.length > 0 ? verdicts : [ok(`${recipients.length} confirmed`)];
    },
  },
  {
    name: "stopped functions",
    async run({ account, declared: { functions, stage } }) {
      const existing = new Set(await account.functionNames());
      const verdicts: Verdict[] = [];
      for (const { name, logicalName } of functions.filter((candidate) => existing.has(candidate.name))) {
        if ((await account.reservedConcurrency(name)) !== 0) continue;
        const fix = `pnpm ops resume ${logicalName} --stage ${stage}; a deployment does not resume it`;
        verdicts.push(finding(`${name} has a reserved concurrency of 0: it does not run`, fix));
      }
      if (verdicts.length > 0) return verdicts;
      return [ok(existing.size === 0 ? "the stage is not deployed: look again after the deployment" : "none")];
    },
  },
];

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html links it. */
const ROUTES_PER_API = "L-65B5C802";

/**
 * Finds names whose owner is not tagged as of this app and stage: a deployment would fail on them.
 */
async function takenNames(
  what: string,
  names: string[],
  existing: string[],
  account: CheckContext["account"],
  { app, stage }: CheckContext["declared"],
): Promise<Verdict[]> {
  const taken = names.filter((name) => existing.includes(name));
  if (taken.length === 0) return [ok(`${names.length} names are free`)];
  const own = await account.taggedResources({ "sst:app": app, "sst:stage": stage });
  const foreign = taken.filter((name) => !own.some(({ arn }) => arn.endsWith(`:${name}`) || arn.endsWith(`/${name}`)));
  if (foreign.length === 0) return [ok(`${names.length} names are free, or this stage's own`)];
  const fix =
    "find out what made it; then delete it, or import it as docs/operating.md says under Adopt what prod kept";
  return foreign.map((name) =>
    finding(`the ${what} ${name} exists and is not of ${app}, stage ${stage}: a deployment would fail on it`, fix),
  );
}

function faultOf(name: string, value: string, fix: string): Verdict[] {
  try {
    readOriginSecret(name, value);
    return [];
  } catch (error) {
    const [detail = ""] = (error as Error).message.split(". Set it with");
    return [finding(detail, fix)];
  }
}
