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
 * Closes a drawer: goes back if it was opened from `href` or from another page, so that no extra
 * entry is in the history. Otherwise, shows `href`.
 */
export function closeTo(href: string): void {
  if (isGoingBack) return;
  const { from } = (history.state ?? {}) as { from?: string };
  isGoingBack = from !== undefined && (from === href || from.split("?")[0] !== location.pathname);
  if (isGoingBack) history.back();
  else navigate(href, { replace: true });
}

/** The parameters of a time range. Links between pages keep them. */
const RANGE_PARAMETERS = ["range", "from", "to"];

/** Links to a page with these parameters, in the current time range unless they name another. */
export function pageHref(path: string, parameters: Record<string, string> = {}): string {
  const kept = RANGE_PARAMETERS.some((name) => name in parameters)
    ? []
    : [...route.current().query].filter(([name]) => RANGE_PARAMETERS.includes(name));
  return hrefWith(parameters, { path, query: new URLSearchParams(kept) });
}

/** Links to the access log with a filter. */
export function logHref(filter: Record<string, string> = {}): string {
  return pageHref("/access-log", filter);
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
  return logHref({ request: requestId, at: String(at) });
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
