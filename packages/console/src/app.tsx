import { useEffect, useErrorBoundary, useMemo, useRef, useState } from "preact/hooks";

import { type AppContext, AppProvider } from "./app-context";
import { createApi } from "./data/api";
import type { Config } from "./data/config";
import { followLinks, navigate, pageHref, useRoute } from "./data/route";
import { CALLBACK } from "./data/session";
import { useComponent } from "./data/use-component";
import type { Page } from "./nouns/noun";
import { NOUNS } from "./nouns/nouns";
import { Callback } from "./pages/callback";
import { TokenDialog } from "./pages/token-dialog";
import { Account } from "./ui/account";
import { Icon } from "./ui/icon";
import { IdentityBar } from "./ui/identity-bar";
import { Empty } from "./ui/states";

const PAGES: Page[] = [
  { path: "/", title: "Traffic", icon: "traffic", load: () => import("./pages/traffic") },
  { path: "/access-log", title: "Access log", icon: "log", load: () => import("./pages/access-log") },
  ...NOUNS.flatMap(({ pages }) => pages),
  { path: "/try", title: "Try it", icon: "try", load: () => import("./pages/try-it") },
  {
    path: "/infrastructure",
    title: "Infrastructure",
    icon: "infrastructure",
    offlineOnly: true,
    load: () => import("./pages/infrastructure"),
  },
];

export function App({ config }: { config: Config }) {
  const { path } = useRoute();
  const [isDialogOpen, setDialogOpen] = useState(false);
  const pages = PAGES.filter(({ offlineOnly }) => config.offline || offlineOnly === undefined);
  const page = pages.find((candidate) => candidate.path === path);
  const app = useMemo<AppContext>(
    () => ({ config, api: createApi(config.apiUrl), openTokenDialog: () => setDialogOpen(true) }),
    [config],
  );
  const main = useRef<HTMLElement>(null);

  useEffect(() => {
    document.addEventListener("click", followLinks);
    return () => document.removeEventListener("click", followLinks);
  }, []);
  const previousPath = useRef(path);
  useEffect(() => {
    if (previousPath.current === path) return;
    previousPath.current = path;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true }); // screen readers announce the new page
  }, [path]);
  useEffect(() => {
    document.title = `${page?.title ?? "Console"} · ${config.stage}`;
  }, [page, config]);

  return (
    <AppProvider value={app}>
      {/* biome-ignore lint/a11y/useValidAnchor: a link that also moves the focus */}
      <a class="skip" href="#main" onClick={() => main.current?.focus()}>
        Skip to content
      </a>
      <aside class="side">
        <div class="brand">
          <span class="mark">
            <Icon name="traffic" />
          </span>
          <span>
            <strong>{config.app}</strong>
            <small>
              {config.stage} · {config.offline ? "local" : config.region}
            </small>
          </span>
        </div>
        <nav aria-label="Main">
          {pages.map(({ path: to, title, icon }) => (
            <a key={to} href={pageHref(to)} aria-current={to === path ? "page" : undefined}>
              <Icon name={icon} />
              <span>{title}</span>
            </a>
          ))}
        </nav>
        <Account />
      </aside>
      <main id="main" ref={main} tabIndex={-1}>
        <IdentityBar />
        {path === CALLBACK ? (
          <Callback config={config} />
        ) : page ? (
          <SafePage key={page.path} page={page} />
        ) : (
          <NotFound />
        )}
      </main>
      {isDialogOpen && <TokenDialog onClose={() => setDialogOpen(false)} />}
    </AppProvider>
  );
}

/** Shows an error that a page throws, so that the other pages stay usable. */
function SafePage({ page }: { page: Page }) {
  const [error, reset] = useErrorBoundary((thrown: Error) => console.error(thrown));
  if (error !== undefined)
    return (
      <>
        <header class="top">
          <h1>{page.title}</h1>
        </header>
        <Empty title="Something went wrong">
          <p role="alert">{String((error as Error).message ?? error)}</p>
          <p class="actions">
            <button
              type="button"
              onClick={() => {
                navigate(page.path, { replace: true });
                reset();
              }}
            >
              Reload page
            </button>
          </p>
        </Empty>
      </>
    );
  return <LoadedPage page={page} />;
}

function LoadedPage({ page }: { page: Page }) {
  const { Body, failed } = useComponent(page.load);
  if (Body !== undefined) return <Body />;
  return (
    <>
      <header class="top">
        <h1>{page.title}</h1>
      </header>
      {failed && (
        <Empty title="Couldn't load this page">
          <p>A newer version may have been deployed, or the server isn't responding.</p>
          <p class="actions">
            <button type="button" onClick={() => location.reload()}>
              Reload
            </button>
          </p>
        </Empty>
      )}
    </>
  );
}

function NotFound() {
  return (
    <>
      <header class="top">
        <h1>Page not found</h1>
      </header>
      <Empty title="There's nothing at this address">
        <p class="actions">
          <a class="button" href={pageHref("/")}>
            Go to Traffic
          </a>
        </p>
      </Empty>
    </>
  );
}
