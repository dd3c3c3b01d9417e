import { splitPieces } from "@backend/sst-graph/reference";
import { inputOf, itemsOf, textOf, type View } from "./view";

/** What may follow the ID of a resource in an AWS host name. */
const AWS_HOST = /^\.(execute-api|s3|lambda-url)(\.[a-z0-9-]+)?\.(amazonaws\.com|on\.aws)$/;

/**
 * True for a host of this deployment: a reference to one of its resources, its user pool's domain,
 * or a name of one of its distributions or APIs.
 *
 * @param host as `textOf` returns it, such as `${<urn>#id}.execute-api.us-east-1.amazonaws.com`
 */
export function isOwnHost(view: View, host: string): boolean {
  const [first, second, ...more] = splitPieces(host);
  if (first === undefined || more.length > 0) return false;
  if ("ref" in first) {
    const exists = view.get(first.ref.slice(0, first.ref.lastIndexOf("#"))) !== undefined;
    return exists && (second === undefined || ("text" in second && AWS_HOST.test(second.text)));
  }
  return second === undefined && "text" in first && namesOf(view).includes(first.text);
}

/** True for an https address or a reference whose host belongs to this deployment. */
export function isOwnAddress(view: View, address: string): boolean {
  const [first] = splitPieces(address);
  if (first !== undefined && "ref" in first) {
    const rest = address.slice(`\${${first.ref}}`.length);
    return /^(\/|$)/.test(rest) && view.get(first.ref.slice(0, first.ref.lastIndexOf("#"))) !== undefined;
  }
  const [, host] = /^https:\/\/((?:\$\{[^}]*\}|[^/?#:@])+)(?:[/?#]|$)/.exec(address) ?? [];
  return host !== undefined && isOwnHost(view, host);
}

/**
 * True for an own address, and for an address of an origin that the project lists for this stage.
 */
export function isKnownAddress(view: View, address: string): boolean {
  if (isOwnAddress(view, address)) return true;
  if (!URL.canParse(address)) return false;
  return view.promises.origins?.(view.graph.stage).includes(new URL(address).origin) === true;
}

/** Returns the host names that the deployment states as plain text. */
function namesOf(view: View): string[] {
  const text = (type: string, path: string) => view.all(type).map((one) => textOf(inputOf(one, path)) ?? "");
  const prefixes = text("aws:cognito/userPoolDomain:UserPoolDomain", "domain");
  return [
    // https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain.html
    ...prefixes.map((prefix) => `${prefix}.auth.${view.graph.region}.amazoncognito.com`),
    ...prefixes.filter((prefix) => prefix.includes(".")), // a custom domain
    ...text("aws:apigatewayv2/domainName:DomainName", "domainName"),
    ...view
      .all("aws:cloudfront/distribution:Distribution")
      .flatMap((cdn) => itemsOf(inputOf(cdn, "aliases")).map((alias) => textOf(alias) ?? "")),
  ].filter((name) => name !== "");
}
