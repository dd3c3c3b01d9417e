/**
 * The stage's own addresses, and the one at the console's origin: in `sst dev` that is one of them
 * already.
 *
 * @param origin of the console, such as `https://<id>.cloudfront.net`, where there is one
 */
export function withPage(urls: string[], origin: $util.Input<string> | undefined, path = ""): $util.Input<string>[] {
  if (origin === undefined) return urls;
  if (typeof origin === "string" && urls.includes(`${origin}${path}`)) return urls;
  return [...urls, $interpolate`${origin}${path}`];
}
