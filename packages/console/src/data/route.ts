import { createStore, useStore } from "./store";

export interface Route {
  path: string;
  query: URLSearchParams;
}

const route = createStore<Route>(here());
addEventListener("popstate", () => route.set(here()));

export function useRoute(): Route {
  return useStore(route);
}

/** @param href a path of this site, with its query */
export function navigate(href: string, { replace = false } = {}): void {
  const from = hrefHere();
  if (href === from) return;
  if (replace) history.replaceState(history.state, "", href);
  else history.pushState({ from }, "", href);
  route.set(here());
}

let isGoingBack = false;
addEventListener("popstate", () => {
  isGoingBack = false;
});

/**
 * Closes a drawer: goes back if `href` is the page before it, so that no extra entry is in the
 * history.
 */
export function closeTo(href: string): void {
  if (isGoingBack) return;
  isGoingBack = (history.state as { from?: string } | null)?.from === href;
  if (isGoingBack) history.back();
  else navigate(href, { replace: true });
}

/** Links to the access log with a filter, in the current time range. */
export function logHref(filter: Record<string, string>): string {
  const rangeParameters = [...route.current().query].filter(([name]) => ["range", "from", "to"].includes(name));
  return hrefWith(filter, { path: "/access-log", query: new URLSearchParams(rangeParameters) });
}

/** Returns the current URL with some query parameters changed; an empty one is removed. */
export function hrefWith(
  changes: Record<string, string | undefined>,
  { path, query }: Route = route.current(),
): string {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === "") next.delete(name);
    else next.set(name, value);
  }
  const search = next.toString();
  return search === "" ? path : `${path}?${search}`;
}

/**
 * Links to a request in the access log.
 *
 * @param at approximate time of the request, in epoch milliseconds, to narrow the search
 */
export function requestHref(requestId: string, at: number): string {
  return `/access-log?${new URLSearchParams({ request: requestId, at: String(at) })}`;
}

/** Changes query parameters of the current URL. */
export function setQuery(changes: Record<string, string | undefined>, options: { replace?: boolean } = {}): void {
  navigate(hrefWith(changes), options);
}

/** Follows links within this site without a page load. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  const link = (event.target as Element | null)?.closest?.("a");
  if (link?.target !== "" || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.getAttribute("href")?.startsWith("#")) return;
  event.preventDefault();
  navigate(`${link.pathname}${link.search}`);
}

function hrefHere(): string {
  return `${location.pathname}${location.search}`;
}

function here(): Route {
  return { path: location.pathname.replace(/(?<=.)\/+$/, ""), query: new URLSearchParams(location.search) };
}
