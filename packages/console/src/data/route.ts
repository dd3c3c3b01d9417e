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

/** Goes where one was before what is open was opened: back, once, where that is the page before. */
export function closeTo(href: string): void {
  if (isGoingBack) return;
  isGoingBack = (history.state as { from?: string } | null)?.from === href;
  if (isGoingBack) history.back();
  else navigate(href, { replace: true });
}

/** The requests of a time that is looked at, by a filter more. */
export function logHref(filter: Record<string, string>): string {
  const kept = [...route.current().query].filter(([name]) => ["range", "from", "to"].includes(name));
  return hrefWith(filter, { path: "/access-log", query: new URLSearchParams(kept) });
}

/** The address of where one is, with some of its query changed. */
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
 * Where a request of the access log is shown.
 *
 * @param at about when it arrived, in epoch milliseconds: the whole log need not be searched for it
 */
export function requestHref(requestId: string, at: number): string {
  return `/access-log?${new URLSearchParams({ request: requestId, at: String(at) })}`;
}

/** Changes the query where one is. */
export function setQuery(changes: Record<string, string | undefined>, options: { replace?: boolean } = {}): void {
  navigate(hrefWith(changes), options);
}

/** Lets links of this site be followed without loading it again. */
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
