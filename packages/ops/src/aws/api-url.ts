import { type Declared, type DeployedAddress, declaredBy } from "../declared";
import { required, type Target } from "../target";
import type { Account } from "./account";

/** Returns the API's address: offline from its outputs, on AWS from the graph and AWS's lists. */
export async function apiUrlOf(target: Target, account: Account): Promise<string> {
  if (target.url !== undefined || target.where === "offline") return required(target, "url");
  const declared = declaredBy(target.project, target.stage);
  if (declared.url.length === 0)
    throw new Error(`The deployment graph of stage ${target.stage} has no output url: give --url`);
  const pieces = [];
  for (const piece of declared.url)
    pieces.push(typeof piece === "string" ? piece : await findAddress(piece, declared, account));
  return pieces.join("");
}

/** Throws an Error unless exactly one has the name and the tags of this app and stage. */
async function findAddress({ of, name }: DeployedAddress, declared: Declared, account: Account): Promise<string> {
  const { app, stage } = declared;
  const candidates = await (of === "API" ? account.apis(name) : account.distributions(name));
  const [found, ...others] = candidates.filter(({ tags }) => tags["sst:app"] === app && tags["sst:stage"] === stage);
  if (found !== undefined && others.length === 0) return found.address;
  if (found !== undefined) {
    const ids = [found, ...others].map(({ id }) => id).join(", ");
    throw new Error(`${1 + others.length} ${of}s are ${name} of ${app}, stage ${stage}: ${ids}. Give --url of one`);
  }
  const where = `account ${(await account.identity()).account}, ${await account.region()}`;
  const [foreign] = candidates;
  if (foreign !== undefined) {
    const owner = `${foreign.tags["sst:app"] ?? "no app"}, stage ${foreign.tags["sst:stage"] ?? "unknown"}`;
    throw new Error(`${of} ${foreign.id} in ${where} is called ${name}, but is of ${owner}: give --url`);
  }
  throw new Error(
    `Stage ${stage} is not deployed in ${where}: there is no ${of} ${name}. ` +
      "Deploy it, use the credentials of its account (AWS_PROFILE), or give --url",
  );
}
