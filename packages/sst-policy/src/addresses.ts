import { splitPieces } from "@backend/sst-graph/reference";
import { itemsOf, raw, type View, written } from "./view";

/** What may follow the id of a resource in a host of AWS's. */
const AWS_HOST = /^\.(execute-api|s3|lambda-url)(\.[a-z0-9-]+)?\.(amazonaws\.com|on\.aws)$/;

/**
 * True for a host that this deployment makes: a reference to one of its resources, its user pool's domain, or a name
 * that one of its distributions or APIs has.
 *
 * @param host as `written` has it, such as `${<urn>#id}.execute-api.us-east-1.amazonaws.com`
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

/** True for an address with TLS, or one that is a reference, whose host is this deployment's. */
export function isOwnAddress(view: View, address: string): boolean {
  const [first] = splitPieces(address);
  if (first !== undefined && "ref" in first) {
    const rest = address.slice(`\${${first.ref}}`.length);
    return /^(\/|$)/.test(rest) && view.get(first.ref.slice(0, first.ref.lastIndexOf("#"))) !== undefined;
  }
  const [, host] = /^https:\/\/((?:\$\{[^}]*\}|[^/?#:@])+)(?:[/?#]|$)/.exec(address) ?? [];
  return host !== undefined && isOwnHost(view, host);
}

/** True for an own address, and for one below an origin that the project names for this stage. */
export function isKnownAddress(view: View, address: string): boolean {
  if (isOwnAddress(view, address)) return true;
  if (!URL.canParse(address)) return false;
  return view.promises.origins?.(view.graph.stage).includes(new URL(address).origin) === true;
}

/** Hosts that stand in the deployment as plain text. */
function namesOf(view: View): string[] {
  const text = (type: string, path: string) => view.all(type).map((one) => written(raw(one, path)) ?? "");
  const prefixes = text("aws:cognito/userPoolDomain:UserPoolDomain", "domain");
  return [
    // https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain.html
    ...prefixes.map((prefix) => `${prefix}.auth.${view.graph.region}.amazoncognito.com`),
    ...prefixes.filter((prefix) => prefix.includes(".")), // a domain of one's own
    ...text("aws:apigatewayv2/domainName:DomainName", "domainName"),
    ...view
      .all("aws:cloudfront/distribution:Distribution")
      .flatMap((cdn) => itemsOf(raw(cdn, "aliases")).map((alias) => written(alias) ?? "")),
  ].filter((name) => name !== "");
}
